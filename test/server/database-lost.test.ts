import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { bootstrapToken, startServer } from '../../scripts/lib/server-process.ts'

const folder = mkdtempSync(join(tmpdir(), 'owlery-lost-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

// A disk that really fails cannot be had in a test: from when the file is there, the process gets its answers.
const broken = join(folder, 'broken')
const failingDisk = `
  import fs from 'node:fs'
  import { syncBuiltinESMExports } from 'node:module'
  const real = fs.fdatasync
  fs.fdatasync = (descriptor, done) =>
    fs.existsSync(${JSON.stringify(broken)}) ? done(new Error('EIO: i/o error, fdatasync')) : real(descriptor, done)
  syncBuiltinESMExports()`

test('a process whose database can no longer keep its word says so, acknowledges nothing more, and ends', async () => {
  const env = { DATA_DIR: join(folder, 'data'), OWLERY_BOOTSTRAP_TOKEN: bootstrapToken }
  const preload = `--import=data:text/javascript,${encodeURIComponent(failingDisk)}`
  const server = await startServer({ env: { ...env, NODE_OPTIONS: preload } })
  const mint = (name: string) =>
    fetch(`${server.url}/api/v1/me/tokens`, {
      method: 'POST',
      headers: { authorization: `Bearer ${bootstrapToken}`, 'content-type': 'application/json' },
      body: JSON.stringify({ name }),
    }).then(
      ({ status }) => status,
      () => 'cut off',
    )
  expect(await mint('kept')).toBe(201)
  writeFileSync(broken, '')
  expect([503, 'cut off']).toContain(await mint('lost'))
  expect(await server.ended).toBe(1)
  expect(server.output()).toMatch(/"level":"fatal".*could not be brought to the disk.*EIO/)

  rmSync(broken)
  const again = await startServer({ env })
  const listed = await fetch(`${again.url}/api/v1/me/tokens`, {
    headers: { authorization: `Bearer ${bootstrapToken}` },
  })
  expect(await listed.text()).toContain('"kept"')
  again.signal('SIGTERM')
  expect(await again.ended).toBe(0)
})
