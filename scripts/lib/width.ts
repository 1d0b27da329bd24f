import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { root } from './root.ts'
import { timedRun } from './timed-run.ts'
import { type TypeCheck, typeCheck } from './tsc.ts'

/** The API is going to be this wide: four areas of twelve resources with five operations each. */
const areas = ['north', 'east', 'south', 'west']
const resourcesPerArea = 12
export const widthInOperations = areas.length * resourcesPerArea * 5

export type Width = {
  readonly typeCheck: TypeCheck
  /** Operations in the emitted document. */
  readonly operations: number
  readonly documentBytes: number
  readonly emitCpuSeconds: number
}

/** A contract as wide as the whole API, written with the product's own helpers, and handlers held to its own types. */
export async function measureWidth(): Promise<Width> {
  const folder = await mkdtemp(join(tmpdir(), 'owlery-width-'))
  try {
    for (const [path, contents] of projectFiles()) {
      await mkdir(dirname(join(folder, path)), { recursive: true })
      await writeFile(join(folder, path), contents)
    }
    await symlink(join(root, 'node_modules'), join(folder, 'node_modules'))
    const checked = await typeCheck(folder)
    const { stdout, cpuSeconds } = await timedRun(process.execPath, ['emit.ts'], folder)
    return {
      typeCheck: checked,
      operations: stdout.match(/"operationId":/g)?.length ?? 0,
      documentBytes: stdout.length,
      emitCpuSeconds: cpuSeconds,
    }
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

function projectFiles(): Map<string, string> {
  const resources = areas.map((area) => ({
    area,
    names: Array.from({ length: resourcesPerArea }, (_, index) => `${area}Thing${index + 1}`),
  }))
  const files = new Map([
    ['package.json', '{ "type": "module" }\n'],
    ['tsconfig.json', tsconfig],
    ['contract.ts', tree('contract', resources, 'spec', '')],
    ['handlers.ts', tree('handlers', resources, 'server', ': ImplementationOf<typeof contract>')],
    ['tags.ts', tagTree(resources)],
    ['emit.ts', emit],
  ])
  for (const { names } of resources) {
    for (const name of names) {
      files.set(`spec/${name}.ts`, contractOf(name))
      files.set(`server/${name}.ts`, handlersOf(name))
    }
  }
  return files
}

type Area = { readonly area: string; readonly names: readonly string[] }

const tsconfig = `{ "extends": "${join(root, 'tsconfig.base.json')}", "include": ["."] }\n`

function tree(name: string, resources: readonly Area[], folder: string, annotation: string): string {
  const imports = resources.flatMap(({ names }) => names.map((one) => `import { ${one} } from './${folder}/${one}.ts'`))
  const typed =
    annotation === ''
      ? []
      : [
          `import type { ImplementationOf } from '@owlery/server/http/bind.ts'`,
          `import type { contract } from './contract.ts'`,
        ]
  const members = resources.map(({ area, names }) => `  ${area}: { ${names.join(', ')} },`)
  return [...typed, ...imports, `export const ${name}${annotation} = {`, ...members, '}', ''].join('\n')
}

function tagTree(resources: readonly Area[]): string {
  const members = resources.map(({ area, names }) => {
    const tags = names.map((name) => `${name}: { name: '${name}', description: 'All about ${name}.' }`)
    return `  ${area}: { ${tags.join(', ')} },`
  })
  return `export const tags = {\n${members.join('\n')}\n}\n`
}

const emit = `import { buildDocument } from '@owlery/spec'
import { contract } from './contract.ts'
import { tags } from './tags.ts'

process.stdout.write(JSON.stringify(buildDocument(contract, tags)))
`

function contractOf(name: string): string {
  const Name = name.slice(0, 1).toUpperCase() + name.slice(1)
  return `import { anyone, caller, operation, person } from '@owlery/spec'
import { email, integerId, moment, queryFlag, queryInteger, queryList, text, timestamp, z } from '${join(root, 'spec/src/primitives.ts')}'

const example = { id: 1, name: 'a', state: 'up', region: null, tags: ['a'], limits: { soft: 1, hard: 2 }, notify: [{ address: 'a@example.com', quiet: false }], createdAt: '2027-01-01T00:00:00.000Z', updatedAt: null }
const fields = {
  name: text(1, 100),
  state: z.enum(['up', 'down', 'paused', 'unknown']),
  region: z.enum(['eu', 'us', 'ap']).nullable(),
  tags: z.array(text(1, 50)).max(20),
  limits: z.strictObject({ soft: z.int().min(1).max(1000), hard: z.int().min(1).max(1000) }),
  notify: z.array(z.strictObject({ address: email, quiet: z.boolean().optional() })).max(10),
}
const ${Name} = z
  .object({
    id: z.int(),
    name: z.string(),
    state: z.enum(['up', 'down', 'paused', 'unknown']),
    region: z.enum(['eu', 'us', 'ap']).nullable(),
    tags: z.array(z.string()),
    limits: z.object({ soft: z.int(), hard: z.int() }),
    notify: z.array(z.object({ address: z.string(), quiet: z.boolean() })),
    createdAt: timestamp,
    updatedAt: timestamp.nullable(),
  })
  .openapi('${Name}', { description: 'One ${name}.', example })
const ${Name}Create = z
  .strictObject({ ...fields, startsAt: moment.optional() })
  .openapi('${Name}Create', { description: 'A new ${name}.' })
const ${Name}Update = z
  .strictObject({ name: fields.name.optional(), state: fields.state.optional(), tags: fields.tags.optional(), endsAt: moment.nullable().optional() })
  .openapi('${Name}Update', { description: 'What changes of a ${name}.' })
const ${Name}Page = z
  .object({ items: z.array(${Name}), next: z.string().nullable() })
  .openapi('${Name}Page', { description: 'A page.' })

const path = '/api/v1/${name}' as const
const one = '/api/v1/${name}/{id}' as const
const params = z.strictObject({ id: integerId })

export const ${name} = {
  list: operation({
    method: 'get', path, summary: 'List', description: 'All of them.', origin: 'owlery',
    access: caller({ scope: 'monitors:read', role: 'viewer' }), limit: 'api',
    query: z.strictObject({
      limit: queryInteger({ min: 1, max: 500, default: 100 }),
      cursor: text(1, 200).optional(),
      state: queryList(fields.state, 4).optional(),
      archived: queryFlag.optional(),
    }),
    success: { status: 200, description: 'A page.', body: ${Name}Page },
    errors: [], pagination: { style: 'cursor', parameter: 'cursor', next: 'next', items: 'items' },
  }),
  create: operation({
    method: 'post', path, summary: 'Create', description: 'Makes one.', origin: 'owlery',
    access: caller({ scope: 'monitors:write', role: 'member' }), limit: 'api',
    body: ${Name}Create, success: { status: 201, description: 'Made.', body: ${Name} },
    errors: ['PAT_GRANT_EXCEEDED', 'PASSWORD_TOO_WEAK', 'REGISTRATION_BLOCKED'], audit: 'CREATE_TOKEN',
  }),
  get: operation({
    method: 'get', path: one, summary: 'Read', description: 'Reads one.', origin: 'owlery',
    access: anyone, limit: 'api', params,
    success: { status: 200, description: 'It.', body: ${Name} }, errors: ['NOT_FOUND'],
  }),
  update: operation({
    method: 'patch', path: one, summary: 'Change', description: 'Changes one.', origin: 'owlery',
    access: caller({ scope: 'monitors:write', role: 'member' }), limit: 'api', params, body: ${Name}Update,
    success: { status: 200, description: 'It.', body: ${Name} },
    errors: ['NOT_FOUND', 'PAT_GRANT_EXCEEDED', 'RESET_TOKEN_INVALID'], audit: 'CREATE_TOKEN', slow: true,
  }),
  delete: operation({
    method: 'delete', path: one, summary: 'Delete', description: 'Ends one.', origin: 'owlery',
    access: person('admin'), limit: 'api', params,
    success: { status: 204, description: 'Gone.' }, errors: ['NOT_FOUND'], audit: 'REVOKE_TOKEN',
  }),
}
`
}

function handlersOf(name: string): string {
  return `import type { Handlers } from '@owlery/server/http/bind.ts'
import type { ${name} as contract } from '../spec/${name}.ts'

const made = (name: string) => ({
  id: 1, name, state: 'up' as const, region: null, tags: [], limits: { soft: 1, hard: 2 },
  notify: [{ address: 'a@example.com', quiet: false }], createdAt: '2027-01-01T00:00:00.000Z', updatedAt: null,
})

export const ${name}: Handlers<typeof contract> = {
  async list({ query }, { db, actor }) {
    const rows = await db.selectFrom('users').select(['id', 'email']).where('id', '=', actor.userId).limit(query.limit).execute()
    const wanted = query.state?.includes('up') ?? query.archived ?? true
    return { items: wanted ? rows.map(({ email }) => made(email)) : [], next: query.cursor ?? null }
  },
  async create({ body }, { actor, error, audit }) {
    if (actor.kind === 'token' && body.limits.hard < body.limits.soft) throw error('PAT_GRANT_EXCEEDED')
    await audit({ resource: body.notify[0]?.address ?? body.name })
    return { ...made(body.name), region: body.region, tags: body.tags }
  },
  get({ params }, { error, setHeader }) {
    if (params.id > 5) throw error('NOT_FOUND')
    setHeader('X-Seen', 'yes')
    return made(String(params.id))
  },
  update({ params, body }, { commit, error }) {
    if (body.endsAt === null) throw error('RESET_TOKEN_INVALID')
    return commit(async ({ audit }) => {
      await audit({ resource: String(params.id) })
      return { ...made(body.name ?? ''), state: body.state ?? 'paused' }
    })
  },
  async delete({ params }, { actor, error, audit }) {
    if (actor.sessionId === '') throw error('NOT_FOUND')
    await audit({ resource: String(params.id) })
  },
}
`
}
