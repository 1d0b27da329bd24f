import { createConfig, lintFromString } from '@redocly/openapi-core'
import { expect, test } from 'vitest'
import { parse } from 'yaml'
import { type LintRule, lintDocument, lintRules } from '../../spec/src/lint.ts'
import { documentText, isObject, type Json, type JsonObject, list, object } from '../support/document.ts'

type Case = readonly [rule: LintRule, where: string, edit: (document: JsonObject) => void]

function fresh(): JsonObject {
  return object(parse(documentText))
}

/** The object at a place of the document, made if it is not there yet. */
function place(document: JsonObject, ...keys: string[]): JsonObject {
  return keys.reduce((parent, key) => {
    if (!isObject(parent[key])) parent[key] = {}
    return object(parent[key])
  }, document)
}

const create = (document: JsonObject) => place(document, 'paths', '/api/v1/me/tokens', 'post')
const listing = (document: JsonObject) => place(document, 'paths', '/api/v1/me/tokens', 'get')
const schema = (document: JsonObject, name: string) => place(document, 'components', 'schemas', name)
const parameterOf = (operation: JsonObject, index = 0) => object(list(operation.parameters)[index])

/** Sets a property of the request object that mints a token. */
function asking(property: Json): (document: JsonObject) => void {
  return (document) => {
    place(schema(document, 'TokenCreate'), 'properties').extra = property
  }
}

function answering(property: Json): (document: JsonObject) => void {
  return (document) => {
    place(schema(document, 'TokenCreated'), 'properties').extra = property
  }
}

function set(of: (document: JsonObject) => JsonObject, key: string, value: Json): (document: JsonObject) => void {
  return (document) => {
    of(document)[key] = value
  }
}

function drop(of: (document: JsonObject) => JsonObject, key: string): (document: JsonObject) => void {
  return (document) => {
    delete of(document)[key]
  }
}

const bounded = { type: 'string', maxLength: 5 }

const cases: readonly Case[] = [
  ['operation-id', 'createToken', set(create, 'operationId', 'createToken')],
  ['operation-id', 'platform.tokens.list', set(create, 'operationId', 'platform.tokens.list')],
  ['one-tag', 'platform.tokens.create', set(create, 'tags', [])],
  ['one-tag', 'platform.tokens.create', set(create, 'tags', ['Tokens', 'Me'])],
  ['one-tag', 'platform.tokens.create', set(create, 'tags', ['Unheard'])],
  ['described', 'platform.tokens.create', set(create, 'description', ' ')],
  ['described', 'platform.tokens.create', drop(create, 'summary')],
  ['described', 'platform.tokens.list limit', drop((document) => parameterOf(listing(document)), 'description')],
  ['described', 'NOT_FOUND', drop((document) => place(document, 'x-errors', 'NOT_FOUND'), 'remedy')],
  ['described', 'UNHEARD', (document) => list(schema(document, 'ErrorCode').enum).push('UNHEARD')],
  [
    'header-name',
    'platform.tokens.create idempotency-key',
    set((document) => parameterOf(create(document)), 'name', 'idempotency-key'),
  ],
  [
    'header-name',
    'platform.tokens.create Authorization',
    set((document) => parameterOf(create(document)), 'name', 'Authorization'),
  ],
  ['list-pages', 'platform.tokens.list', drop(listing, 'x-pagination')],
  ['list-pages', 'platform.tokens.list', (document) => list(listing(document).parameters).shift()],
  [
    'list-pages',
    'platform.tokens.create',
    (document) => {
      place(schema(document, 'TokenCreated'), 'properties').items = { type: 'array', items: { type: 'integer' } }
    },
  ],
  ['audited-mutation', 'platform.tokens.create', drop(create, 'x-audit')],
  [
    'error-code-name',
    'notFound',
    set((document) => place(document, 'x-errors'), 'notFound', { message: 'a', meaning: 'b', remedy: 'c' }),
  ],
  ['example', 'Token', drop((document) => schema(document, 'Token'), 'example')],
  ['dialect', 'TokenCreate.extra', asking({ allOf: [bounded], type: 'string', maxLength: 1 })],
  ['dialect', 'TokenCreate.extra', asking({ ...bounded, not: { const: 'a' } })],
  ['dialect', 'TokenCreated.extra', answering({ type: 'object', patternProperties: { a: bounded } })],
  ['dialect', 'TokenCreated.extra', answering({ type: 'array', prefixItems: [bounded] })],
  ['dialect', 'TokenCreated.extra[]', answering({ type: 'array', items: { ...bounded, not: {} } })],
  ['typed', 'TokenCreate.extra', asking({ description: 'Anything.' })],
  ['typed', 'TokenCreated.extra[]', answering({ type: 'object', additionalProperties: {} })],
  ['closed-request', 'TokenCreate', drop((document) => schema(document, 'TokenCreate'), 'additionalProperties')],
  ['closed-request', 'TokenCreate.extra', asking({ type: ['object', 'null'], additionalProperties: bounded })],
  ['open-response', 'TokenCreated', set((document) => schema(document, 'TokenCreated'), 'additionalProperties', false)],
  ['open-response', 'TokenCreated.extra', answering({ type: 'integer', default: 3 })],
  ['bounded-text', 'TokenCreate.extra', asking({ type: 'string' })],
  ['bounded-text', 'TokenCreate.extra', asking({ type: ['string', 'null'], format: 'date-time' })],
  ['bounded-text', 'TokenCreate.extra', asking({ type: 'string', pattern: '[a-z]{1,5}' })],
  ['bounded-text', 'TokenCreate.extra', asking({ type: 'string', pattern: '^(a|b+)$' })],
  ['bounded-text', 'TokenCreate.extra', asking({ type: 'string', pattern: '^a{2,}$' })],
  ['bounded-text', 'TokenCreate.extra', asking({ type: 'string', pattern: '^a|b$' })],
  ['bounded-text', 'TokenCreate.extra', asking({ oneOf: [{ type: 'string' }, { type: 'null' }] })],
  ['bounded-array', 'TokenCreate.extra', asking({ type: 'array', items: bounded })],
  ['bounded-number', 'TokenCreate.extra', asking({ type: 'integer', minimum: 0 })],
  ['bounded-number', 'TokenCreate.extra', asking({ type: ['number', 'null'], maximum: 0 })],
]

test('the committed document has no findings', () => {
  expect(lintDocument(fresh())).toEqual([])
})

test.each(cases)('%s is found at %s', (rule, where, edit) => {
  const document = fresh()
  edit(document)
  const findings = lintDocument(document)
  expect(findings.length).toBeGreaterThan(0)
  for (const finding of findings) expect(finding).toContain(`${rule}: ${where} `)
})

test('every rule has a document that must be found', () => {
  expect([...new Set(cases.map(([rule]) => rule))].sort()).toEqual(Object.keys(lintRules).sort())
})

test.each<[string, Json]>([
  ['an enum', { type: 'string', enum: ['a', 'b'] }],
  ['a uuid', { type: 'string', format: 'uuid' }],
  ['a bounding pattern', { type: 'string', pattern: '^(ab|[c+*|]{1,9}\\+)?$' }],
  ['a bounded map', { type: 'object', maxProperties: 9, additionalProperties: bounded }],
  ['a bounded number', { type: 'number', exclusiveMinimum: 0, maximum: 1 }],
])('%s in a request is fine', (_, property) => {
  const document = fresh()
  asking(property)(document)
  expect(lintDocument(document)).toEqual([])
})

test('Redocly’s strict recommendation has no complaints', async () => {
  expect(await complaintsOfRedocly(documentText)).toEqual([])
})

test('Redocly does complain where there is reason to', async () => {
  const twice = documentText.replace('operationId: platform.tokens.create', 'operationId: platform.tokens.list')
  const unused = twice.replace('\n  schemas:\n', '\n  schemas:\n    Nobody: { type: string }\n')
  expect(await complaintsOfRedocly(unused)).toEqual([
    'operation-operationId-unique #/paths/~1api~1v1~1me~1tokens/post/platform.tokens.list',
    'no-unused-components #/components/schemas/Nobody',
  ])
})

async function complaintsOfRedocly(source: string): Promise<string[]> {
  const config = await createConfig({ extends: ['recommended-strict'] })
  const problems = await lintFromString({ source, absoluteRef: '/openapi.yaml', config })
  const codes = Object.keys(object(fresh()['x-errors'])).map(componentOfCode)
  // The whole list of codes, and the codes that come before any operation is found (METHOD_NOT_ALLOWED), are for
  // readers and for the client; no operation can refer to them. Any other unused component counts.
  const forReaders = ['ErrorCode', ...codes].map((name) => `no-unused-components #/components/schemas/${name}`)
  // Published so by 24observe beside /status-pages/{id}/…: an id is a number, so "public" never is one.
  const published = ['', '/feed.xml', '/unlock', '/subscribe'].map(
    (rest) => `no-ambiguous-paths #/paths/${`/api/v1/status-pages/public/{slug}${rest}`.replaceAll('/', '~1')}`,
  )
  return problems
    .map(({ ruleId, location }) => `${ruleId} ${location.map(({ pointer }) => pointer ?? '').join(' ')}`)
    .filter((complaint) => !forReaders.includes(complaint) && !published.includes(complaint))
}

function componentOfCode(code: string): string {
  const words = code.toLowerCase().split('_')
  return `Error${words.map((word) => word.charAt(0).toUpperCase() + word.slice(1)).join('')}`
}
