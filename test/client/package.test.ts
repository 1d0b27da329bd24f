import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { buildClient } from '../../scripts/lib/client/build.ts'
import { bundleClient, gzippedBytes, largestBundleBytes } from '../../scripts/lib/client/bundle.ts'
import { startLoopback } from './loopback.ts'

const run = promisify(execFile)
const root = fileURLToPath(new URL('../../', import.meta.url))
const npmOptions = ['--offline', '--no-audit', '--no-fund', '--ignore-scripts']

const program = `
import { type Codes, createClient, isApiError, type Token, verifyWebhook } from '@owlery/client'

const client = createClient({ baseUrl: process.argv[2] ?? '', token: 'secret' })
const names: string[] = []
for await (const token of client.platform.tokens.list({ limit: 2 })) {
  const { name }: Token = token
  names.push(name)
}
const code: Codes<'platform.tokens.delete'> | 'UNRECOGNIZED' | undefined = await client.platform.tokens
  .delete(9)
  .result()
  .then((result) => (result.ok ? undefined : result.error.code))
const genuine: boolean = await verifyWebhook({ payload: '', signature: '', secret: '' })
console.log(JSON.stringify({ names, code, genuine, guard: isApiError(new Error()) }))
// @ts-expect-error this id is a number
const wrong = () => client.platform.tokens.delete('9')
declare const process: { argv: string[] }
`

let project: string

beforeAll(async () => {
  project = await mkdtemp(join(tmpdir(), 'client-package-'))
  const built = join(project, 'built')
  await buildClient(built)
  await run('npm', ['pack', built, '--pack-destination', project, ...npmOptions], { cwd: project })
  await mkdir(join(project, 'app'))
  await writeFile(join(project, 'app/package.json'), '{ "name": "app", "private": true, "type": "module" }')
  await run('npm', ['install', join(project, 'owlery-client-0.1.0.tgz'), ...npmOptions], { cwd: join(project, 'app') })
  await writeFile(join(project, 'app/main.ts'), program)
}, 120_000)

afterAll(async () => {
  await rm(project, { recursive: true, force: true })
})

test('the package holds JavaScript with its declarations and nothing else', async () => {
  const { stdout } = await run('tar', ['-tzf', join(project, 'owlery-client-0.1.0.tgz')])
  const files = stdout.trim().split('\n')
  const code = files.filter((file) => !['LICENSE', 'README.md', 'package.json'].includes(file.replace('package/', '')))
  expect(files.length - code.length).toBe(3)
  expect(code.filter((file) => !/^package\/(generated\/)?[a-z-]+\.(js|d\.ts)$/.test(file))).toEqual([])
  const manifest = JSON.parse(await readFile(join(project, 'app/node_modules/@owlery/client/package.json'), 'utf8'))
  expect(Object.keys(manifest)).not.toContain('dependencies')
  expect(manifest).toMatchObject({ name: '@owlery/client', type: 'module', sideEffects: false })
})

test.each([
  ['nodenext', 'nodenext'],
  ['esnext', 'bundler'],
])(
  'an empty project type-checks against it with module %s, resolution %s',
  async (module, moduleResolution) => {
    const compilerOptions = {
      ...{ module, moduleResolution, target: 'es2022', lib: ['es2022', 'dom', 'dom.iterable'], types: [] },
      // The declarations themselves are checked too.
      ...{ strict: true, skipLibCheck: false, exactOptionalPropertyTypes: true, outDir: 'out' },
    }
    await writeFile(join(project, 'app/tsconfig.json'), JSON.stringify({ compilerOptions, files: ['main.ts'] }))
    const compiler = join(root, 'client/node_modules/typescript/bin/tsc')
    const { stdout } = await run(process.execPath, [compiler, '-p', join(project, 'app')])
    expect(stdout).toBe('')
  },
  60_000,
)

test('the compiled program runs in Node', async () => {
  await using server = await startLoopback(({ method, url }) => {
    if (method === 'DELETE') return { status: 404, json: { error: 'Not found', code: 'NOT_FOUND', requestId: 'r' } }
    return {
      json: url.includes('before=')
        ? [{ id: 1, name: 'c' }]
        : [
            { id: 3, name: 'a' },
            { id: 2, name: 'b' },
          ],
    }
  })
  const { stdout } = await run(process.execPath, [join(project, 'app/out/main.js'), server.baseUrl])
  expect(JSON.parse(stdout)).toEqual({ names: ['a', 'b', 'c'], code: 'NOT_FOUND', genuine: false, guard: false })
  expect(server.seen.map(({ headers }) => headers.authorization)).toEqual(Array(3).fill('Bearer secret'))
})

test(`the whole client is under ${largestBundleBytes} bytes, minified and gzipped`, async () => {
  const bundle = await bundleClient()
  expect(bundle).toContain('IDEMPOTENCY_IN_PROGRESS')
  expect(bundle).not.toMatch(/\bfrom\s*["']/)
  expect(gzippedBytes(bundle)).toBeLessThan(largestBundleBytes)
})
