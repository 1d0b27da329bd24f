import { gzipSync } from 'node:zlib'
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { createCast, createPerson, createToken } from '../support/actors.ts'
import { fitting, hostileBodies, hostileTexts, oddHeaders } from '../support/arbitraries.ts'
import {
  type DocumentedOperation,
  isObject,
  type Json,
  type JsonObject,
  list,
  operations,
  type Parameter,
} from '../support/document.ts'
import { resolveInDocument } from '../support/requests.ts'
import { edgeValues } from '../support/samples.ts'
import { requestFaults } from '../support/schemas.ts'
import { seededPath } from '../support/seeds.ts'
import { sightingsDoNotCount } from '../support/seen.ts'
import { freshService, origin } from '../support/service.ts'

const ofMonitors = ['url', 'port', 'keyword', 'regions', 'alertTelegramBotToken', 'alertTelegramChatId']
const ofStatusPages = ['slug', 'customCss', 'ipAllowlist.*', 'components.*.monitorId']

/**
 * Whatever comes in, the answer is one of those that the document lists, never a fault of ours; and what fits the
 * document is never called unfit, but for rules that a schema cannot say. Those stand here, each with its reason.
 */
const rulesBeyondSchemas: Readonly<Record<string, readonly string[]>> = {
  // An expiry in the past depends on the moment of the request.
  'platform.tokens.create': ['expiresAt'],
  // What a monitor needs depends on its type, which a change does not name; a change changes something, and nothing
  // depends on itself.
  'uptime.monitors.create': ofMonitors,
  'uptime.monitors.update': ['', 'dependsOn', ...ofMonitors],
  'uptime.monitors.bulkCreate': ofMonitors.map((field) => `monitors.*.${field}`),
  // How many pieces there are depends on both, and they are in step with the clock.
  'uptime.checkHistory.timeline': ['bucketSec'],
  'uptime.monitors.bulkUpdate': ['patch', 'patch.dependsOn', ...ofMonitors.map((field) => `patch.${field}`)],
  // Words that stand where a slug could, what a style may hold, what is an address, and each monitor once.
  'uptime.statusPages.create': ofStatusPages,
  'uptime.statusPages.update': ['', ...ofStatusPages],
  'uptime.statusPages.createComponent': ['monitorId'],
  // None, or a password that is long enough.
  'uptime.statusPages.setPassword': ['password'],
  // A link from a mail that was never sent.
  'uptime.publicStatusPages.confirmSubscription': ['token'],
  // An organization has so many subscriptions at most; a change changes something.
  'uptime.webhookSubscriptions.create': [''],
  'uptime.webhookSubscriptions.update': [''],
  // A window ends in the future and not too long after it starts.
  'uptime.maintenanceWindows.create': ['endsAt'],
}

const runs = Number(process.env.OWLERY_FUZZ_RUNS ?? '200')

sightingsDoNotCount()
const service = await freshService()
await service.startJobs()
const cast = await createCast(service)
const owner = await createPerson(service, cast.owner.organizationId, 'owner', 'a long enough phrase')

type Piece = { readonly text: string; readonly fits: boolean }
type Sent = {
  readonly credential: 'session' | 'token' | 'none'
  readonly path: readonly Piece[] | 'seeded'
  readonly query: readonly (Piece & { readonly key: string })[]
  readonly body: Body
  readonly headers: Readonly<Record<string, string>>
}
type Body =
  | { readonly kind: 'none' }
  | { readonly kind: 'json'; readonly value: Json; readonly packed: boolean }
  | { readonly kind: 'raw'; readonly text: string }
  | { readonly kind: 'bytes'; readonly bytes: Uint8Array }

function requests(operation: DocumentedOperation): fc.Arbitrary<Sent> {
  const inPath = operation.parameters.filter((one) => one.in === 'path')
  const inQuery = operation.parameters.filter((one) => one.in === 'query')
  return fc.record({
    credential: fc.constantFrom('session', 'session', 'token', 'token', 'none'),
    path: fc.oneof(fc.constant('seeded' as const), fc.tuple(...inPath.map((one) => textOf(operation, one)))),
    query: fc.tuple(...inQuery.map((one) => queryOf(operation, one)), unknownKey).map((pieces) => pieces.flat()),
    body: bodyOf(operation),
    headers: fc.oneof({ weight: 2, arbitrary: fc.constant({}) }, { weight: 1, arbitrary: oddHeaders }),
  })
}

function textOf(operation: DocumentedOperation, parameter: Parameter): fc.Arbitrary<Piece> {
  const place = operation.parameters.indexOf(parameter)
  const schemaAt = `#/paths/${operation.path.replaceAll('/', '~1')}/${operation.method.toLowerCase()}/parameters/${place}/schema`
  return fc.oneof(
    fitting(parameter.schema, resolveInDocument).map((value) => {
      return { text: String(value), fits: requestFaults(schemaAt, value).length === 0 }
    }),
    fc
      .oneof(
        fc.constantFrom(...edgeValues(parameter.schema, resolveInDocument)),
        fc.constantFrom(...hostileTexts),
        fc.string(),
      )
      .map((value) => ({ text: typeof value === 'string' ? value : JSON.stringify(value), fits: false })),
  )
}

function queryOf(operation: DocumentedOperation, parameter: Parameter): fc.Arbitrary<(Piece & { key: string })[]> {
  const values = fc.oneof(
    // An operation with many optional keys would otherwise hardly ever see a query that fits.
    { weight: parameter.required ? 0 : Math.max(3, operation.parameters.length), arbitrary: fc.constant([]) },
    { weight: 5, arbitrary: textOf(operation, parameter).map((piece) => [piece]) },
    { weight: 1, arbitrary: fc.tuple(textOf(operation, parameter), textOf(operation, parameter)) },
  )
  const isList = parameter.schema.type === 'array'
  return values.map((pieces) =>
    // Lists are held to the document by other tests, and nothing else fits a key that occurs twice.
    pieces.map(({ text, fits }) => ({ key: parameter.name, text, fits: fits && !isList && pieces.length === 1 })),
  )
}

const unknownKey = fc.oneof(
  { weight: 6, arbitrary: fc.constant([]) },
  {
    weight: 1,
    arbitrary: fc.constantFrom(...hostileTexts).map((key) => [{ key, text: '1', fits: false }]),
  },
)

function bodyOf(operation: DocumentedOperation): fc.Arbitrary<Body> {
  const { bodySchema } = operation
  if (bodySchema === undefined) return fc.constant({ kind: 'none' })
  const json = (value: fc.Arbitrary<Json>) =>
    fc.record({ kind: fc.constant('json' as const), value, packed: fc.boolean() })
  return fc.oneof(
    { weight: 4, arbitrary: json(fitting(bodySchema, resolveInDocument)) },
    { weight: 4, arbitrary: json(fc.constantFrom(...edgeValues(bodySchema, resolveInDocument))) },
    { weight: 1, arbitrary: fc.json({ maxDepth: 6 }).map((text) => ({ kind: 'raw' as const, text })) },
    { weight: 1, arbitrary: fc.constantFrom(...hostileBodies).map((text) => ({ kind: 'raw' as const, text })) },
    { weight: 1, arbitrary: fc.uint8Array({ maxLength: 2000 }).map((bytes) => ({ kind: 'bytes' as const, bytes })) },
  )
}

async function send(operation: DocumentedOperation, sent: Sent): Promise<Response> {
  const url = new URL(await pathOf(operation, sent), origin)
  url.search = sent.query.map(({ key, text }) => `${encode(key)}=${encode(text)}`).join('&')
  const headers = new Headers(sent.headers)
  if (sent.credential === 'session') headers.set('authorization', `Bearer ${owner.session}`)
  // A fresh one each time, since the request may revoke it.
  else if (sent.credential === 'token') {
    headers.set('authorization', `Bearer ${(await createToken(service, owner)).token}`)
  }
  const body = bytesOf(sent.body)
  if (body !== undefined) headers.set('content-type', 'application/json')
  if (sent.body.kind === 'json' && sent.body.packed) headers.set('content-encoding', 'gzip')
  return service.send(new Request(url, { method: operation.method, headers, ...(body !== undefined && { body }) }))
}

async function pathOf(operation: DocumentedOperation, { path }: Sent): Promise<string> {
  if (!operation.path.includes('{')) return operation.path
  if (path === 'seeded') {
    return operation.isPublic ? operation.path : (await seededPath(service, owner, operation)).existing
  }
  const pieces = [...path]
  return operation.path.replaceAll(/\{\w+\}/g, () => encode(pieces.shift()?.text ?? ''))
}

/** What already is an escape stays one, broken ones included; what would begin another part of the address never does. */
function encode(text: string): string {
  return /^%[^&=#?/ ]*$/.test(text) ? text : encodeURIComponent(text.toWellFormed())
}

function bytesOf(body: Body): Uint8Array<ArrayBuffer> | undefined {
  switch (body.kind) {
    case 'none':
      return undefined
    case 'json': {
      const bytes = new TextEncoder().encode(JSON.stringify(body.value))
      return body.packed ? new Uint8Array(gzipSync(bytes)) : bytes
    }
    case 'raw':
      return new TextEncoder().encode(body.text)
    case 'bytes':
      return new Uint8Array(body.bytes)
  }
}

/** Does the document say that the request is fine? Undefined where it takes more than a schema to tell. */
function fitsDocument(operation: DocumentedOperation, { path, query, body }: Sent): boolean | undefined {
  if (body.kind === 'raw' || body.kind === 'bytes') return undefined
  if (path === 'seeded' && operation.isPublic && operation.path.includes('{')) return undefined
  const bodyFits =
    body.kind === 'none' ||
    operation.bodyPointer === undefined ||
    requestFaults(operation.bodyPointer, body.value).length === 0
  if (!bodyFits) return false
  const fits = query.every((piece) => piece.fits) && (path === 'seeded' || path.every((piece) => piece.fits))
  return fits ? true : undefined
}

function faultPaths(answer: unknown): string[] {
  return isObject(answer) ? list(answer.fields).flatMap((one) => (isObject(one) ? [pathOfFault(one)] : [])) : []
}

/** The place in a list does not matter. */
function pathOfFault({ path }: JsonObject): string {
  return String(path).replaceAll(/\.\d+(?=\.|$)/g, '.*')
}

describe.each(operations)('$id', (operation) => {
  test('answers as documented, whatever comes in', { timeout: 60_000 + runs * 300 }, async () => {
    let taken = 0
    const answersWell = fc.asyncProperty(requests(operation), async (sent) => {
      // It checks the answer against the document by itself.
      const response = await send(operation, sent)
      expect(response.status).toBeLessThan(500)
      const isPlain = response.headers.get('content-encoding') === null
      const isJson =
        isPlain && operation.method !== 'HEAD' && response.headers.get('content-type') === 'application/json'
      const answer: unknown = isJson ? await response.json() : undefined
      const code = isObject(answer) && response.status >= 400 ? answer.code : undefined
      const fits = fitsDocument(operation, sent)
      if (fits === false) expect(response.status).toBeGreaterThanOrEqual(400)
      if (fits === true && code === 'VALIDATION_FAILED') {
        expect(rulesBeyondSchemas[operation.id] ?? []).toEqual(expect.arrayContaining(faultPaths(answer)))
      }
      if (fits === true) taken++
    })
    // Were nothing ever fit, the half of the property that speaks of it would hold for nothing. Of a list with many
    // filters one request in twenty is, which a short run may miss.
    for (let round = 0; round < 10 && taken === 0; round++) await fc.assert(answersWell, { numRuns: runs })
    expect(taken).toBeGreaterThan(0)
  })
})

test('the rules beyond schemas are those of operations that exist', () => {
  const ids = operations.map(({ id }) => id)
  expect(Object.keys(rulesBeyondSchemas).filter((id) => !ids.includes(id))).toEqual([])
})
