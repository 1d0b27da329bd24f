import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { buildDocument, caller, type Operation, person, z } from '@owlery/spec'
import { describe, expect, test } from 'vitest'
import { generateTools } from '../../scripts/lib/tools/index.ts'
import { document, isObject, type Json, type JsonObject, list, object, pointer } from '../support/document.ts'
import { validatorsOf } from '../support/schemas.ts'
import { freshService } from '../support/service.ts'
import { anthropicFaults, langchainFaults, openaiFaults, schemasIn } from './tool-formats.ts'
import { awkward, plainRead, plainWrite, tagsOf } from './tool-samples.ts'

/** As a reader of the file sees it. */
function asDocument(value: unknown): JsonObject {
  return object(JSON.parse(JSON.stringify(value)))
}

function catalogue(of: JsonObject, name: string): Json {
  return JSON.parse(generateTools(of).get(`spec/tools/generated/${name}`) ?? 'null')
}

function indexed(of: JsonObject): JsonObject[] {
  return list(object(catalogue(of, 'tools-index.json')).tools).map(object)
}

/** Is one operation, standing there, a tool? */
function isTool(operation: Operation, area = 'uptime'): boolean {
  const tree = { [area]: { things: { do: operation } } }
  return indexed(asDocument(buildDocument(tree, tagsOf(tree)))).length === 1
}

const sample = asDocument(buildDocument(awkward, tagsOf(awkward)))
const both: [which: string, of: JsonObject][] = [
  ['our document', document],
  ['the awkward contract', sample],
]

describe.each(both)('the tools of %s', (_, of) => {
  test.each([
    ['openai', openaiFaults],
    ['anthropic', anthropicFaults],
    ['langchain', langchainFaults],
  ] as const)('keep to what %s takes', (format, faultsOf) => {
    for (const tool of list(catalogue(of, `${format}-tools.json`)))
      expect(faultsOf(tool), JSON.stringify(tool)).toEqual([])
  })

  test('have an example that is a valid request', () => {
    for (const tool of indexed(of)) expect(requestFaults(of, tool), String(tool.name)).toEqual([])
  })

  test('are those that the document marks, under their own names', () => {
    const marked = Object.values(object(of.paths)).flatMap((item) =>
      Object.values(object(item)).filter((operation) => object(operation)['x-agent'] !== undefined),
    )
    expect(indexed(of).map(({ operationId }) => operationId)).toEqual(marked.map((one) => object(one).operationId))
    for (const tool of indexed(of)) expect(tool.name).toBe(String(tool.operationId).replaceAll('.', '_'))
  })

  test('come out the same however often', () => {
    expect([...generateTools(of)]).toEqual([...generateTools(structuredClone(of))])
  })
})

/** What the document finds wrong with the request that the tool's example becomes. */
function requestFaults(of: JsonObject, tool: JsonObject): string[] {
  const method = String(tool.method).toLowerCase()
  const operation = object(object(object(of.paths)[String(tool.path)])[method])
  const faults = validatorsOf(of)
  const at = (...keys: string[]) => pointer('paths', String(tool.path), method, ...keys)
  const sent: JsonObject[] = Object.entries(object(tool.exampleCall)).map(([key, value]) => ({
    value,
    ...object(object(tool.arguments)[key]),
  }))
  const ofParameters = list(operation.parameters).flatMap((raw, index) => {
    const { name, in: place, required } = object(raw)
    const argument = sent.find((one) => one.in === place && one.name === name)
    if (argument !== undefined) return faults(at('parameters', String(index), 'schema'), argument.value)
    return required === true ? [`${String(name)} is missing`] : []
  })
  if (operation.requestBody === undefined) return ofParameters
  const whole = sent.find((one) => one.in === 'body' && one.name === undefined)
  const members = sent.filter((one) => one.in === 'body').map(({ name, value }) => [String(name), value])
  const body = whole === undefined ? Object.fromEntries(members) : whole.value
  return [...ofParameters, ...faults(at('requestBody', 'content', 'application/json', 'schema'), body)]
}

describe('the arguments of a tool', () => {
  const tools = new Map(
    list(catalogue(sample, 'langchain-tools.json')).map((tool) => [object(tool).name, object(tool)]),
  )
  const schemaOf = (name: string) => object(tools.get(name)?.args_schema)

  test('come from path, query and body; of the same name, the later says where it stands', () => {
    expect(tools.get('uptime_writes_clash')?.arguments).toEqual({
      id: { in: 'path', name: 'id' },
      query_id: { in: 'query', name: 'id' },
      body_id: { in: 'body', name: 'id' },
      tag: { in: 'body', name: 'tag' },
      channel: { in: 'body', name: 'channel' },
      note: { in: 'body', name: 'note' },
      labels: { in: 'body', name: 'labels' },
    })
    expect(schemaOf('uptime_writes_clash').required).toEqual(['id', 'query_id', 'body_id', 'tag', 'channel'])
  })

  test('hold a body whole that is not one object', () => {
    expect(tools.get('uptime_writes_whole')?.arguments).toEqual({ body: { in: 'body' } })
    const { body } = object(schemaOf('uptime_writes_whole').properties)
    expect(list(object(body).anyOf).map((branch) => object(object(branch).properties).kind)).toEqual([
      { type: 'string', enum: ['mail'] },
      { type: 'string', enum: ['web'] },
    ])
  })

  test('leave out headers, and words that a format refuses', () => {
    const said = JSON.stringify([...tools.values()])
    for (const word of ['Idempotency-Key', 'discriminator', '$ref', 'oneOf', '"example"', 'maxProperties', '"uri"']) {
      expect(said).not.toContain(word)
    }
    expect(said).toContain('"date-time"')
  })

  test('end where a schema contains itself', () => {
    const recursive = structuredClone(sample)
    const order = object(object(object(recursive.components).schemas).Order)
    object(order.properties).again = { $ref: '#/components/schemas/Order' }
    const tool = list(catalogue(recursive, 'anthropic-tools.json')).find(
      (one) => object(one).name === 'uptime_writes_clash',
    )
    expect(anthropicFaults(tool ?? null)).toEqual([])
    expect(schemasIn(object(tool).input_schema).length).toBeLessThan(40)
  })

  test('are promised strictly only where nothing is optional or bounded in words that strict mode lacks', () => {
    const strict = Object.fromEntries(
      list(catalogue(sample, 'openai-tools.json')).map((tool) => {
        const { name, strict: promised } = object(object(tool).function)
        return [String(name), promised]
      }),
    )
    expect(strict).toEqual({
      uptime_reads_one: true,
      uptime_reads_nothing: true,
      uptime_reads_many: false,
      uptime_writes_clash: false,
      uptime_writes_whole: false,
    })
  })
})

test('a description names the scope, even where it had to be cut', () => {
  const tools = list(catalogue(sample, 'anthropic-tools.json')).map(object)
  for (const { description } of tools) {
    expect(String(description).length).toBeLessThanOrEqual(1024)
    expect(description).toMatch(/(Only reads|Changes data)\. The token needs the scope monitors:write\.$/)
  }
  expect(String(tools.find(({ name }) => name === 'uptime_reads_many')?.description)).toContain('… Only reads.')
})

const Secretive = z.object({ webhookSecret: z.string() })

describe('what agents get', () => {
  const read: Operation = plainRead
  const { agent: _, ...unmarked } = plainWrite

  test('plain reads of the data areas by themselves, changes and other reads by their mark', () => {
    expect(isTool(read)).toBe(true)
    expect(isTool(read, 'platform')).toBe(false)
    expect(isTool({ ...read, agent: 'read' }, 'platform')).toBe(true)
    expect(isTool(plainWrite)).toBe(true)
    expect(isTool(unmarked)).toBe(false)
    expect(isTool({ ...read, agent: false })).toBe(false)
  })

  test('no read by itself that is audited, needs no scope or sounds like a secret', () => {
    expect(isTool({ ...read, audit: 'EXPORT_AUDIT_LOG' })).toBe(false)
    expect(isTool({ ...read, access: caller({ scope: null, role: 'viewer' }) })).toBe(false)
    const answering = (body: z.ZodType): Operation => ({ ...read, success: { ...plainRead.success, body } })
    expect(isTool(answering(Secretive))).toBe(false)
    expect(isTool(answering(z.array(z.object({ deep: z.union([z.null(), z.array(Secretive)]) }))))).toBe(false)
    expect(isTool(answering(z.object({ hasPassword: z.boolean() })))).toBe(true)
  })

  const never: [what: string, operation: Operation][] = [
    ['a deletion', { ...plainWrite, method: 'delete' }],
    ['a read under the mark of a change', { ...read, agent: 'write' }],
    ['a change under the mark of a read', { ...plainWrite, agent: 'read' }],
    ['what needs every right', { ...plainWrite, access: caller({ scope: '*', role: 'owner' }) }],
    ['the secrets of monitors', { ...read, access: caller({ scope: 'secrets:read', role: 'admin' }), agent: 'read' }],
    ['minting of tokens', { ...plainWrite, access: caller({ scope: 'tokens:write', role: 'viewer' }) }],
    ['what only a person may do', { ...plainWrite, access: person('viewer') }],
    ['what anybody may do', { ...plainWrite, access: { kind: 'public' } }],
    ['an answer with a secret', { ...plainWrite, secretReply: true }],
    ['a password', { ...plainWrite, path: '/api/v1/me/change-password' }],
    ['a sign-in', { ...plainWrite, path: '/api/v1/auth/login' }],
    ['a bill', { ...plainWrite, path: '/api/v1/billing' }],
    ['a stream', { ...read, success: { status: 200, description: 'A.', texts: ['text/event-stream'] }, agent: 'read' }],
    ['what clients leave out', { ...read, client: false, agent: 'read' }],
  ]
  test.each(never)('never %s, whatever its record says', (_what, operation) => {
    expect(() => isTool(operation)).toThrow('cannot be a tool for agents')
    const { agent: _mark, ...plain } = operation
    expect(isTool(plain)).toBe(plain.method === 'get' && operation.agent === 'write')
  })

  test('nothing under a name that the formats refuse', () => {
    const long = { uptime: { ['a'.repeat(60)]: { do: read } } }
    expect(() => generateTools(asDocument(buildDocument(long, tagsOf(long))))).toThrow('a tool cannot be called')
  })
})

describe('the catalogues', async () => {
  const service = await freshService()
  const files = ['openai-tools.json', 'anthropic-tools.json', 'langchain-tools.json', 'tools-index.json']

  test.each(files)('%s is served as committed', async (name) => {
    const answer = await service.fetch(`http://owlery.test/openapi/${name}`)
    expect(answer.status).toBe(200)
    expect(answer.headers.get('content-type')).toBe('application/json')
    expect(answer.headers.get('etag')).toMatch(/^"[0-9a-f]{64}"$/)
    const committed = readFileSync(new URL(`../../spec/tools/generated/${name}`, import.meta.url))
    expect(Buffer.from(await answer.arrayBuffer()).equals(committed)).toBe(true)
  })

  test('are listed with how many tools they hold and the hash of what is served', async () => {
    const index = object(await (await service.fetch('http://owlery.test/openapi/tools-index.json')).json())
    const listed = list(index.catalogues).map(object)
    expect(listed.map(({ path }) => path)).toEqual(files.slice(0, 3).map((name) => `/openapi/${name}`))
    for (const { path, tools, sha256 } of listed) {
      const text = await (await service.fetch(`http://owlery.test${String(path)}`)).text()
      expect(createHash('sha256').update(text).digest('hex')).toBe(sha256)
      const served: unknown = JSON.parse(text)
      expect(list(served).length).toBe(tools)
      expect(list(served).every(isObject)).toBe(true)
    }
    expect(list(index.tools).length).toBe(listed[0]?.tools)
  })
})
