import {
  buildDocument,
  contract,
  type Operation,
  operation,
  placedOperations,
  possibleErrors,
  type z,
} from '@owlery/spec'
import { describe, expect, test } from 'vitest'
import { anyone, caller } from '../../spec/src/policy.ts'
import {
  email,
  integerId,
  moment,
  queryFlag,
  queryInteger,
  queryList,
  text,
  z as zod,
} from '../../spec/src/primitives.ts'
import { isObject, type Json, type JsonObject, list, object, pointer } from '../support/document.ts'
import { edgeValues, validSample } from '../support/samples.ts'
import { validatorsOf } from '../support/schemas.ts'

/**
 * What zod admits and what the document admits must be the same, value for value: the emitter drops in silence what it
 * has no word for. Every request schema of the contract is held against itself, and so is each primitive by its own.
 */
const primitives = {
  post: operation({
    method: 'post',
    path: '/primitives/{integer}',
    summary: 'All primitives',
    description: 'All of them, as they stand in requests.',
    origin: 'owlery',
    access: anyone,
    limit: null,
    params: zod.strictObject({ integer: integerId }),
    query: zod.strictObject({
      small: queryInteger({ min: -3, max: 7 }),
      large: queryInteger({ min: 0, max: Number.MAX_SAFE_INTEGER, default: 5 }),
      flag: queryFlag.optional(),
      list: queryList(zod.enum(['a', 'b']), 3).optional(),
      text: text(2, 5).optional(),
      moment: moment.optional(),
    }),
    body: zod
      .strictObject({
        text: text(1, 7),
        long: text(0, 300).nullable(),
        email,
        moment: moment.optional(),
        kind: zod.enum(['one', 'two']).nullable().optional(),
        amount: zod.number().min(-1.5).max(2.5),
        count: zod.int().min(-2).max(9007199254740991),
        flags: zod.array(zod.boolean()).min(1).max(3),
        inner: zod.strictObject({ text: text(0, 2) }).optional(),
      })
      .openapi('Primitives', { description: 'All of them.' }),
    success: { status: 204, description: 'Fine.' },
    errors: [],
  }),
}
const primitiveTree = { platform: { primitives } }
const primitiveTags = { platform: { primitives: { name: 'Primitives', description: 'For this test.' } } }

type Ground = { readonly document: JsonObject; readonly id: string; readonly operation: Operation }

function groundOf(tree: Parameters<typeof buildDocument>[0], tags: Parameters<typeof buildDocument>[1]): Ground[] {
  const document = object(JSON.parse(JSON.stringify(buildDocument(tree, tags))))
  return placedOperations(tree, tags).map(({ id, operation }) => ({ document, id, operation }))
}

const grounds = [...groundOf(contract, undefined), ...groundOf(primitiveTree, primitiveTags)]

/** Values and what both sides say of them; only the values on which they part are listed. */
function disagreements(values: readonly Json[], byZod: (value: Json) => boolean, byDocument: (value: Json) => boolean) {
  const verdicts = values.map((value) => ({ value, zod: byZod(value), document: byDocument(value) }))
  // Without values on both sides the borders would not have been tried at all.
  expect(verdicts.some(({ document }) => document)).toBe(true)
  expect(verdicts.some(({ document }) => !document)).toBe(true)
  return verdicts
    .filter(({ zod, document }) => zod !== document)
    .map(({ value, zod }) => `${zod ? 'only zod' : 'only the document'} admits ${JSON.stringify(value).slice(0, 200)}`)
}

function fits(schema: z.ZodType): (value: Json) => boolean {
  return (value) => schema.safeParse(value).success
}

const withBody = grounds.flatMap(({ document, id, operation }) =>
  operation.body === undefined ? [] : [{ id, document, operation, body: operation.body }],
)

describe('bodies', () => {
  test.each(withBody)('$id', ({ document, operation, body }) => {
    const schemaAt = [operation.path, operation.method, 'requestBody', 'content', 'application/json', 'schema']
    const faults = validatorsOf(document)
    const resolve = resolver(document)
    const schema = schemaAt.reduce((node, key) => object(node[key]), object(document.paths))
    const at = pointer('paths', ...schemaAt)
    expect(disagreements(edgeValues(schema, resolve), fits(body), (value) => faults(at, value).length === 0)).toEqual(
      [],
    )
  })
})

type Placed = {
  readonly id: string
  readonly place: 'path' | 'query'
  readonly ground: Ground
  readonly schema: z.ZodObject
}

const withText = grounds.flatMap((ground): Placed[] => {
  const { params, query } = ground.operation
  return [
    ...(params === undefined ? [] : [{ id: ground.id, place: 'path' as const, ground, schema: params }]),
    ...(query === undefined ? [] : [{ id: ground.id, place: 'query' as const, ground, schema: query }]),
  ]
})

describe('paths and queries', () => {
  test.each(withText)('$place of $id', ({ ground, place, schema }) => {
    const { document, operation } = ground
    const at = [operation.path, operation.method]
    const all = list(at.reduce((node, key) => object(node[key]), object(document.paths)).parameters).map(object)
    const given = all
      .map((parameter, index) => ({ parameter, index }))
      .filter(({ parameter }) => parameter.in === place)
    const faults = validatorsOf(document)
    const resolve = resolver(document)
    const whole = Object.fromEntries(
      given.map(({ parameter }) => [String(parameter.name), wireOf(validSample(object(parameter.schema), resolve))]),
    )
    for (const { parameter, index } of given) {
      const name = String(parameter.name)
      const own = object(parameter.schema)
      const schemaAt = pointer('paths', ...at, 'parameters', String(index), 'schema')
      const texts = edgeValues(own, resolve)
        .map(wireOf)
        .filter((one) => typeof one === 'string' || Array.isArray(one))
      const byZod = (wire: Json) => fits(schema)({ ...whole, [name]: wire })
      expect(disagreements(texts, byZod, (wire) => faults(schemaAt, readWire(wire, own)).length === 0)).toEqual([])
      const without = Object.fromEntries(Object.entries(whole).filter(([key]) => key !== name))
      expect(fits(schema)(without)).toBe(parameter.required !== true)
    }
    expect(fits(schema)({ ...whole, unheard: 'a' })).toBe(false)
  })
})

test('a limit per credential stands in the document, with the answer it may give', () => {
  const list = operation({
    method: 'get',
    path: '/v1/owls',
    summary: 'List owls',
    description: 'All of them.',
    origin: 'owlmetry',
    access: caller({ scope: null, role: 'viewer' }),
    limit: null,
    identityLimit: 'requests',
    success: { status: 204, description: 'None.' },
    errors: [],
  })
  expect(possibleErrors(list)).toContainEqual({ status: 429, code: 'RATE_LIMITED' })
  const { paths } = buildDocument({ wood: { owls: { list } } }, { wood: { owls: { name: 'Owls', description: 'x' } } })
  expect(paths).toMatchObject({
    '/v1/owls': { get: { 'x-identity-limit': { bucket: 'requests', capacity: 100, perSecond: 10 } } },
  })
})

function resolver(document: JsonObject): (schema: JsonObject) => JsonObject {
  const schemas = object(object(document.components).schemas)
  return (schema) => {
    const name = typeof schema.$ref === 'string' ? schema.$ref.split('/').at(-1) : undefined
    return name === undefined ? schema : resolver(document)(object(schemas[name]))
  }
}

/** As it stands in a path or a query: text, or several texts where a key occurs more than once. */
function wireOf(value: Json): Json {
  if (Array.isArray(value))
    return value.length === 0 ? '' : value.length === 1 ? wireOf(value[0] ?? '') : value.map(String)
  return isObject(value) ? JSON.stringify(value) : String(value)
}

/** How a reader of the document takes it: only the one way to write a number or a flag counts as one. */
function readWire(wire: Json, schema: JsonObject): Json {
  const types = typeof schema.type === 'string' ? [schema.type] : list(schema.type)
  if (types.includes('array')) {
    const items = object(schema.items)
    return (Array.isArray(wire) ? wire : [wire]).map((one) => readWire(one, items))
  }
  if (typeof wire !== 'string') return wire
  if (types.includes('integer') && /^-?\d+$/.test(wire) && BigInt(wire).toString() === wire) return Number(wire)
  if (types.includes('boolean') && ['true', 'false'].includes(wire)) return wire === 'true'
  return wire
}
