import { execFile } from 'node:child_process'
import { cp, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { describe, expect, test } from 'vitest'
import { stringify } from 'yaml'
import { generateClient } from '../../scripts/lib/client/index.ts'
import { type JsonObject, objectOf } from '../../scripts/lib/client/json.ts'
import { sampleDocument, sampleText } from './sample-client.ts'

const root = fileURLToPath(new URL('../../', import.meta.url))

async function generated(name: string): Promise<string> {
  const files = await generateClient(sampleText, sampleDocument())
  return files.get(`client/src/generated/${name}.ts`) ?? ''
}

describe('the sample document becomes', () => {
  test('four files, the same every time', async () => {
    const files = await generateClient(sampleText, sampleDocument())
    expect([...files.keys()].sort()).toEqual(
      ['error-codes', 'operations', 'resources', 'types'].map((name) => `client/src/generated/${name}.ts`),
    )
    expect(await generateClient(sampleText, sampleDocument())).toEqual(files)
  })

  test('a table with one row for each operation', async () => {
    const rows = [...(await generated('operations')).matchAll(/"(\w+)": "([A-Z]+ .*)"/g)].map(([, , row]) => row)
    expect(rows).toEqual([
      'GET /v1/tokens qj 0 k:before:id:3',
      'POST /v1/tokens bij 1',
      'DELETE /v1/tokens/{tokenId} i 2',
      'POST /v1/sessions bj 3',
      'GET /v1/audit-logs qjt 2 k:before:id:100',
      'POST /v1/monitors/{monitorId}/checks bqij 2',
      'GET /v1/badges/{monitorId}.svg t 4',
      'HEAD /v1/heartbeats/{key}  4',
      'GET /v1/projects/{projectId}/issues qj 2 c:cursor:cursor:issues',
      'GET /v1/projects/{projectId}/issues/{issueId} j 2',
      'GET /api/machines qj 4 o:offset::2',
    ])
  })

  test('methods that an editor shows by the names of their schemas', async () => {
    const methods = [...(await generated('resources')).matchAll(/^ {2}(\w+\(.*)$/gm)].map(([, method]) => method)
    expect(methods).toEqual([
      "list(query?: Query<'platform.tokens.list'>, options?: CallOptions): List<Token[], Token, 'platform.tokens.list'>",
      "create(body: TokenCreate, options?: IdempotentCallOptions): Call<Token, 'platform.tokens.create'>",
      "delete(tokenId: PathId<'platform.tokens.delete', 'tokenId'>, options?: IdempotentCallOptions): Call<void, 'platform.tokens.delete'>",
      "create(body: Body<'platform.sessions.create'>, options?: CallOptions): Call<Data<'platform.sessions.create'>, 'platform.sessions.create'>",
      "list(query: Query<'platform.auditLogs.list'> & { format: 'csv' }, options?: CallOptions): Call<string, 'platform.auditLogs.list'>",
      "list(query?: Query<'platform.auditLogs.list'> & { format?: 'json' }, options?: CallOptions): List<AuditLog[], AuditLog, 'platform.auditLogs.list'>",
      "check(monitorId: PathId<'uptime.monitors.check', 'monitorId'>, body?: CheckRequest, query?: Query<'uptime.monitors.check'>, options?: IdempotentCallOptions): Call<CheckStarted, 'uptime.monitors.check'>",
      "get(monitorId: PathId<'uptime.badges.get', 'monitorId'>, options?: CallOptions): Call<string, 'uptime.badges.get'>",
      "ping(key: PathId<'uptime.heartbeats.ping', 'key'>, options?: CallOptions): Call<void, 'uptime.heartbeats.ping'>",
      "list(projectId: PathId<'telemetry.issues.list', 'projectId'>, query?: Query<'telemetry.issues.list'>, options?: CallOptions): List<IssuePage, Issue, 'telemetry.issues.list'>",
      "get(projectId: PathId<'telemetry.issues.get', 'projectId'>, issueId: PathId<'telemetry.issues.get', 'issueId'>, options?: CallOptions): Call<Issue, 'telemetry.issues.get'>",
      "list(query: Query<'fleet.machines.list'>, options?: CallOptions): List<Data<'fleet.machines.list'>, Data<'fleet.machines.list'>[number], 'fleet.machines.list'>",
    ])
  })

  test('comments of at most 120 columns that no description can end early', async () => {
    const document = sampleDocument()
    operationAt(document, '/v1/sessions', 'post')['description'] = `*/ export const broken = 1 ${'word '.repeat(60)}`
    const text = (await generateClient(stringify(document), document)).get('client/src/generated/resources.ts') ?? ''
    const comments = text.split('\n').filter((line) => /^ +\*/.test(line))
    expect(comments.filter((line) => line.length > 120)).toEqual([])
    expect(comments.filter((line) => line.includes('broken'))).toEqual([expect.stringContaining('*\\/ export const')])
  })

  test('types without the operations that are not for clients', async () => {
    const types = await generated('types')
    expect(types).toContain('"platform.tokens.create"')
    expect(types).not.toContain('platform.docs.page')
    expect(types).toContain('dailyLimit?: number')
    expect(types).toContain("export interface Token extends Schema<'Token'> {}")
    expect(types).toContain("export type CheckStarted = Schema<'CheckStarted'>")
    expect(types).not.toContain('interface ErrorNotFound')
  })

  test('a client that compiles', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'client-'))
    try {
      await cp(join(root, 'client/src'), join(folder, 'client/src'), { recursive: true })
      for (const [path, text] of await generateClient(sampleText, sampleDocument()))
        await writeFile(join(folder, path), text)
      await writeFile(join(folder, 'package.json'), '{ "type": "module" }')
      const config = { extends: join(root, 'client/tsconfig.json'), include: ['client/src'] }
      await writeFile(join(folder, 'tsconfig.json'), JSON.stringify(config))
      const compiler = join(root, 'node_modules/typescript/bin/tsc')
      const { stdout } = await promisify(execFile)(process.execPath, [compiler, '-p', folder])
      expect(stdout).toBe('')
    } finally {
      await rm(folder, { recursive: true })
    }
  }, 60_000)
})

describe('a document that the client could not serve is refused:', () => {
  const change: [string, (document: JsonObject) => void][] = [
    [
      'exactly one success',
      (document) => {
        objectOf(operationAt(document, '/v1/tokens', 'post')['responses'])['200'] = { description: 'Also.' }
      },
    ],
    [
      'JSON or text, not image/png',
      (document) => {
        const responses = objectOf(operationAt(document, '/v1/badges/{monitorId}.svg', 'get')['responses'])
        responses['200'] = { description: 'A picture.', content: { 'image/png': {} } }
      },
    ],
    [
      'can send JSON bodies only',
      (document) => {
        operationAt(document, '/v1/sessions', 'post')['requestBody'] = { content: { 'multipart/form-data': {} } }
      },
    ],
    [
      'does not know lists of the style pages',
      (document) => {
        operationAt(document, '/v1/tokens', 'get')['x-pagination'] = { style: 'pages', parameter: 'before' }
      },
    ],
    [
      'no query parameter after',
      (document) => {
        operationAt(document, '/v1/tokens', 'get')['x-pagination'] = { style: 'keyset', parameter: 'after', key: 'id' }
      },
    ],
    [
      'the name is taken',
      (document) => {
        operationAt(document, '/v1/sessions', 'post')['operationId'] = 'platform.tokens.create'
      },
    ],
    [
      'it cannot hold others',
      (document) => {
        operationAt(document, '/v1/sessions', 'post')['operationId'] = 'platform.tokens.create.again'
      },
    ],
    [
      'ErrorCode does not list NAME_TAKEN',
      (document) => {
        const schemas = objectOf(objectOf(document['components'])['schemas'])
        objectOf(schemas['ErrorCode'])['enum'] = [
          'IDEMPOTENCY_IN_PROGRESS',
          'INTERNAL',
          'NOT_FOUND',
          'RATE_LIMITED',
          'VALIDATION_FAILED',
        ]
      },
    ],
    [
      'x-errors.NAME_TAKEN.retry: sometimes',
      (document) => {
        objectOf(objectOf(document['x-errors'])['NAME_TAKEN'])['retry'] = 'sometimes'
      },
    ],
    [
      '#/components/responses/Lost points to nothing',
      (document) => {
        objectOf(operationAt(document, '/v1/sessions', 'post')['responses'])['404'] = {
          $ref: '#/components/responses/Lost',
        }
      },
    ],
    [
      'a schema cannot be called Call',
      (document) => {
        objectOf(objectOf(document['components'])['schemas'])['Call'] = { type: 'object' }
      },
    ],
  ]

  test.each(change)('%s', async (message, edit) => {
    const document = sampleDocument()
    edit(document)
    await expect(generateClient(sampleText, document)).rejects.toThrow(message)
  })
})

function operationAt(document: JsonObject, path: string, method: string): JsonObject {
  const operation = objectOf(objectOf(objectOf(document['paths'])[path])[method])
  if (operation['operationId'] === undefined) throw new Error(`the sample has no ${method} ${path}`)
  return operation
}
