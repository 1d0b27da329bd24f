import { copyFile, readFile, symlink, writeFile } from 'node:fs/promises'
import { delimiter, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import { beforeAll, describe, expect, test } from 'vitest'
import { root } from '../../scripts/lib/generate-all.ts'
import { freshFolder, freshServer, outputOf, ownerToken, run } from './program.ts'

/** Clients that other people's generators make of openapi.yaml: they compile, say no to what is wrong, and work. */

const document = join(root, 'openapi.yaml')
const generators: [name: string, argv: readonly string[]][] = [
  ['openapi-typescript', [document, '--output', 'api.ts']],
  ['oazapfts', [document, 'api.ts', '--futureStripLegacyMethods']],
  ['swagger-typescript-api', ['generate', '--path', document, '--output', '.', '--name', 'api.ts', '--silent']],
]

// Everybody has a workspace of their own, because they run on different versions of TypeScript.
const binaries = ['client', 'test', '.'].map((workspace) => join(root, workspace, 'node_modules', '.bin'))
const options = {
  strict: true,
  noEmit: true,
  target: 'es2024',
  lib: ['es2024', 'dom', 'dom.iterable'],
  module: 'esnext',
  moduleResolution: 'bundler',
  types: ['node'],
  skipLibCheck: true,
}

const server = await freshServer()

describe.each(generators)('the client that %s makes', async (name, argv) => {
  const folder = await freshFolder()
  const file = (path: string) => fileURLToPath(new URL(`./generators/${path}`, import.meta.url))

  beforeAll(async () => {
    await symlink(join(root, 'node_modules'), join(folder, 'node_modules'))
    await outputOf(name, argv, { cwd: folder, env: { PATH: [...binaries, process.env.PATH].join(delimiter) } })
    await copyFile(file(`${name}.txt`), join(folder, 'program.ts'))
    await copyFile(file(`${name}.wrong.txt`), join(folder, 'wrong.ts'))
  })

  async function compile(program: string): Promise<string> {
    const config = { compilerOptions: options, files: [program] }
    await writeFile(join(folder, 'tsconfig.json'), JSON.stringify(config))
    const compiler = join(root, 'node_modules', '.bin', 'tsc')
    const { stdout } = await run(compiler, ['--project', '.', '--pretty', 'false'], { cwd: folder })
    return stdout
  }

  test('compiles, with a program that uses it', async () => {
    expect(await compile('program.ts')).toBe('')
  })

  test('does not compile with what the document forbids', async () => {
    const lines = (await readFile(join(folder, 'wrong.ts'), 'utf8')).split('\n')
    const wrong = lines.flatMap((line, index) => (line.endsWith('// wrong') ? [index + 1] : []))
    const refused = [...(await compile('wrong.ts')).matchAll(/^(\S+)\((\d+),\d+\): error TS/gm)]
    expect(new Set(refused.map(([, path]) => path))).toEqual(new Set(['wrong.ts']))
    expect([...new Set(refused.map(([, , line]) => Number(line)))]).toEqual(wrong)
  })

  test('makes typed calls to the running service', async () => {
    const bundle = join(folder, 'program.mjs')
    await build({
      entryPoints: [join(folder, 'program.ts')],
      outfile: bundle,
      bundle: true,
      platform: 'node',
      format: 'esm',
    })
    const env = { BASE_URL: server.url, OBSERVE24_PAT: ownerToken }
    const said: unknown = JSON.parse(await outputOf(process.execPath, [bundle], { cwd: folder, env }))
    expect(said).toEqual({
      status: 201,
      prefix: expect.stringMatching(/^obs_[\w-]{8}$/),
      token: expect.stringMatching(/^obs_[\w-]{43}$/),
      limit: 5,
      code: 'PAT_SCOPE_INSUFFICIENT',
    })
  })
})
