import { spawn } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { hostname, tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { DataDirInUse, lockDataDir } from '@owlery/server/db/lock.ts'
import { afterAll, expect, test } from 'vitest'

const folder = mkdtempSync(join(tmpdir(), 'owlery-lock-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

async function holder(dataDir: string) {
  const program = `
    import { lockDataDir } from '@owlery/server/db/lock.ts'
    lockDataDir(process.argv[1])
    let collections = 0
    setInterval(() => {
      gc()
      if (++collections === 10) console.log('locked')
    }, 10)`
  // Collecting garbage all the time must not take the lock away.
  const options = ['--expose-gc', '--input-type=module', '--eval', program, dataDir]
  const child = spawn(process.execPath, options, { cwd: import.meta.dirname, stdio: ['ignore', 'pipe', 'pipe'] })
  let complaints = ''
  child.stderr.on('data', (text) => {
    complaints += text
  })
  const ended = new Promise((resolve) => child.once('exit', resolve))
  await new Promise((resolve) => createInterface(child.stdout).once('line', resolve))
  return { child, ended, complaints: () => complaints }
}

test('a second taker in the same process is refused until the first lets go', () => {
  const dataDir = join(folder, 'same', 'process')
  const lock = lockDataDir(dataDir)
  expect(() => lockDataDir(dataDir)).toThrow(DataDirInUse)
  lock.release()
  lock.release()
  expect(existsSync(join(dataDir, 'lock-holder.json'))).toBe(false)
  lockDataDir(dataDir).release()
})

test('a second process is told who holds the folder, and gets it when the holder is killed', async () => {
  const dataDir = join(folder, 'other-process')
  const first = await holder(dataDir)
  const who = `is in use by process ${first.child.pid} on ${hostname()} since 20`
  expect(() => lockDataDir(dataDir)).toThrow(`${dataDir} ${who}`)
  first.child.kill('SIGKILL')
  await first.ended
  expect(first.complaints()).toBe('')
  lockDataDir(dataDir).release()
})
