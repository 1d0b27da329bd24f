import { execFile } from 'node:child_process'
import { cp, mkdtemp, readdir, readFile, rm, symlink } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterAll, describe, expect, test } from 'vitest'
import { document, isObject, type Json, object, resolved } from '../support/document.ts'

const run = promisify(execFile)
const root = fileURLToPath(new URL('../..', import.meta.url))

type Source = { readonly path: string; readonly code: string; readonly imports: readonly string[] }

/** Without comments, so that a rule can be named where it is explained. */
function withoutComments(text: string): string {
  return text.replaceAll(/\/\*[\s\S]*?\*\//g, '').replaceAll(/(^|[\s;{(])\/\/.*$/gm, '$1')
}

async function sourcesOf(folder: string): Promise<Source[]> {
  const entries = await readdir(join(root, folder), { recursive: true })
  const paths = entries.filter((path) => path.endsWith('.ts') && !/(^|\/)(node_modules|dist)\//.test(path)).sort()
  return Promise.all(
    paths.map(async (path) => {
      const code = withoutComments(await readFile(join(root, folder, path), 'utf8'))
      const imports = code.matchAll(/(?:\bfrom\s+|\bimport\s*\(?\s*)(['"])([^'"\n]+)\1/g)
      return { path: `${folder}/${path}`, code, imports: [...imports].map((match) => match[2] ?? '') }
    }),
  )
}

const [spec, server, client, generator, tests] = await Promise.all(
  ['spec/src', 'server/src', 'client/src', 'scripts/lib/client', 'test'].map(sourcesOf),
)

function hits(sources: readonly Source[] | undefined, pattern: RegExp, except: readonly string[] = []): string[] {
  if (sources === undefined || sources.length === 0) throw new Error('there is nothing to look at')
  return sources.flatMap(({ path, code }) =>
    except.includes(path) ? [] : [...code.matchAll(pattern)].map(([hit]) => `${path}: ${hit.trim()}`),
  )
}

function importing(sources: readonly Source[] | undefined, pattern: RegExp): string[] {
  if (sources === undefined || sources.length === 0) throw new Error('there is nothing to look at')
  return sources.filter(({ imports }) => imports.some((one) => pattern.test(one))).map(({ path }) => path)
}

describe('spec/', () => {
  test('stands on the emitter alone', () => {
    const outside = spec?.flatMap(({ imports }) => imports.filter((one) => !one.startsWith('.'))) ?? []
    expect([...new Set(outside)].sort()).toEqual(['@hono/zod-openapi'])
    expect(importing(spec, /\.\.\/(server|client|test|scripts)\b/)).toEqual([])
  })

  test('says nothing that the document cannot say', () => {
    const beyond =
      /\.(refine|superRefine|transform|catch|pipe|overwrite|brand)\(|\bz\.(coerce|any|unknown|date|custom|tuple|intersection|preprocess|literal)\b|\.(check|extend|and)\(/g
    expect(hits(spec, beyond, ['spec/src/primitives.ts'])).toEqual([])
  })

  test('changes no text on its way', () => {
    const resources = spec?.filter(({ path }) => path.split('/').length > 3)
    expect(hits(resources, /\.(trim|toLowerCase|toUpperCase|normalize|slugify)\(/g)).toEqual([])
  })

  test('goes beyond the document in primitives only by preprocess and check', () => {
    const primitives = spec?.filter(({ path }) => path === 'spec/src/primitives.ts')
    const beyond =
      /\.(refine|superRefine|transform|catch|pipe|overwrite|brand|trim)\(|\bz\.(coerce|any|unknown|date|custom|tuple|intersection)\b/g
    expect(hits(primitives, beyond)).toEqual([])
    expect(hits(primitives, /\bz\.preprocess\(|\.check\(/g)).not.toEqual([])
  })

  test('knows no clock, no chance and no environment', () => {
    expect(hits(spec, /\bprocess\.|\bMath\.random\b|\bDate\.now\b|\bnew Date\(\)/g)).toEqual([])
  })

  test('gives response fields no defaults, which would make them optional', () => {
    const named = object(object(document.components).schemas)
    const found: string[] = []
    const look = (node: Json | undefined, where: string, seen: ReadonlySet<string>): void => {
      if (Array.isArray(node)) for (const inner of node) look(inner, where, seen)
      if (!isObject(node)) return
      if (node.default !== undefined && !isObject(node.default)) found.push(where)
      if (typeof node.$ref === 'string') {
        const name = node.$ref.split('/').at(-1) ?? ''
        if (!seen.has(name)) look(named[name], name, new Set([...seen, name]))
        return
      }
      for (const [key, inner] of Object.entries(node)) if (key !== 'example') look(inner, `${where}.${key}`, seen)
    }
    for (const [path, item] of Object.entries(object(document.paths))) {
      for (const [method, operation] of Object.entries(object(item))) {
        for (const [status, response] of Object.entries(object(object(operation).responses))) {
          look(resolved(response).content, `${method} ${path} ${status}`, new Set())
        }
      }
    }
    expect(found).toEqual([])
  })
})

describe('server/', () => {
  test('has one cast, where handlers meet their records', () => {
    expect(hits(server, /\bas unknown as\b/g)).toEqual(['server/src/http/bind.ts: as unknown as'])
  })

  test('has no any', () => {
    expect(hits(server, /:\s*any\b|<any\b|\bany\[\]|\bas any\b/g)).toEqual([])
  })

  test('parses no YAML and builds no document', () => {
    expect(importing(server, /^yaml$/)).toEqual([])
    expect(hits(server, /\bbuildDocument\b|\bgetOpenAPI/g)).toEqual([])
  })
})

describe('what follows the document reads the document', () => {
  const ofSpec = /^@owlery\/spec|^(\.\.\/)+spec\/src\//

  test('the client and its generator', () => {
    expect(importing(client, ofSpec)).toEqual([])
    expect(importing(generator, ofSpec)).toEqual([])
    expect(importing(client, /^@owlery\/server|(^|\/)server\/src\//)).toEqual([])
  })

  test('the tests, but for those that hold spec/ itself against it', () => {
    expect(importing(tests, ofSpec)).toEqual([
      'test/contract/agreement.test.ts',
      'test/contract/lint.test.ts',
      'test/contract/tool-samples.ts',
      'test/contract/tools.test.ts',
      'test/support/actors.ts',
      'test/types/binding.ts',
    ])
  })
})

describe('spec/ compiles and emits where there is no server', () => {
  const folders: string[] = []
  afterAll(() => Promise.all(folders.map((folder) => rm(folder, { recursive: true, force: true }))))

  test('alone in a folder', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'owlery-spec-'))
    folders.push(folder)
    await cp(join(root, 'spec'), join(folder, 'spec'), {
      recursive: true,
      filter: (path) => !path.includes('node_modules'),
    })
    await cp(join(root, 'tsconfig.base.json'), join(folder, 'tsconfig.base.json'))
    await symlink(join(root, 'node_modules'), join(folder, 'node_modules'))
    await run(join(root, 'node_modules/.bin/tsc'), ['-p', 'spec'], { cwd: folder })
    const emit = `import { buildDocument } from './spec/src/index.ts'
      process.stdout.write(JSON.stringify(buildDocument()))`
    const { stdout } = await run(process.execPath, ['--input-type=module', '--eval', emit], {
      cwd: folder,
      maxBuffer: 2 ** 26,
    })
    expect(JSON.parse(stdout)).toEqual(document)
  })
})
