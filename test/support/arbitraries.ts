import * as fc from 'fast-check'
import { isObject, type Json, type JsonObject, list } from './document.ts'
import { edgeValues, propertiesOf, type Resolve } from './samples.ts'

/** Values that the schema is meant to admit. Where a pattern asks for more than chance finds, its edges stand in. */
export function fitting(schema: JsonObject, resolve: Resolve): fc.Arbitrary<Json> {
  const node = resolve(schema)
  const types = typeof node.type === 'string' ? [node.type] : list(node.type).map(String)
  const branches = list(node.oneOf).filter(isObject)
  if (branches.length > 0) return fc.oneof(...branches.map((branch) => fitting(branch, resolve)))
  const listed = list(node.enum)
  if (listed.length > 0) return fc.constantFrom(...listed)
  return fc.oneof(...types.map((type) => ofType(type, node, resolve)))
}

function ofType(type: string, node: JsonObject, resolve: Resolve): fc.Arbitrary<Json> {
  switch (type) {
    case 'string':
      return fittingText(node, resolve)
    case 'integer':
      return fc.maxSafeInteger().map((number) => within(number, node))
    case 'number':
      return fc.double({ noNaN: true, noDefaultInfinity: true, ...range(node) })
    case 'boolean':
      return fc.boolean()
    case 'null':
      return fc.constant(null)
    case 'array':
      return fc.array(isObject(node.items) ? fitting(node.items, resolve) : fc.jsonValue().map(toJson), {
        minLength: bound(node.minItems, 0),
        maxLength: Math.min(bound(node.maxItems, 5), 30),
      })
    default: {
      const shape = Object.fromEntries(propertiesOf(node).map(([key, inner]) => [key, fitting(inner, resolve)]))
      return fc.record(shape, {
        requiredKeys: list(node.required)
          .map(String)
          .filter((key) => key in shape),
      })
    }
  }
}

function fittingText(node: JsonObject, resolve: Resolve): fc.Arbitrary<string> {
  const size = { minLength: bound(node.minLength, 0), maxLength: Math.min(bound(node.maxLength, 50), 300) }
  const pattern = typeof node.pattern === 'string' ? new RegExp(node.pattern) : /^/
  const edges = edgeValues(node, resolve).filter((edge) => typeof edge === 'string' && pattern.test(edge))
  return fc.oneof(
    fc.string({ unit: 'grapheme-ascii', ...size }),
    fc.string({ unit: 'binary', ...size }),
    fc.constantFrom(...edges.map(String)),
  )
}

/** Folds any integer into the range of the schema. */
function within(number: number, node: JsonObject): number {
  const least = bound(node.minimum, Number.MIN_SAFE_INTEGER)
  const most = bound(node.maximum, Number.MAX_SAFE_INTEGER)
  const span = BigInt(most) - BigInt(least) + 1n
  return Number(((BigInt(number) % span) + span) % span) + least
}

function range(node: JsonObject): { min?: number; max?: number } {
  return {
    ...(typeof node.minimum === 'number' && { min: node.minimum }),
    ...(typeof node.maximum === 'number' && { max: node.maximum }),
  }
}

function bound(value: Json | undefined, otherwise: number): number {
  return typeof value === 'number' ? value : otherwise
}

function toJson(value: unknown): Json {
  const copy: Json = JSON.parse(JSON.stringify(value))
  return copy
}

/** Texts that programs have stumbled over. */
export const hostileTexts: readonly string[] = [
  '',
  ' ',
  '\u0000',
  'a\u0000b',
  '\ud800',
  'a\udfffb',
  '\ufeff',
  '\u202e',
  '😀'.repeat(2000),
  'a'.repeat(5000),
  "'; DROP TABLE users; --",
  '%00',
  '%',
  '%zz',
  '%c0%af',
  '%2e%2e%2f',
  '../../etc/passwd',
  '__proto__',
  'constructor',
  'hasOwnProperty',
  'null',
  'undefined',
  'true',
  '-1',
  '-0',
  '0',
  '1e308',
  '1e-400',
  '9007199254740993',
  '2147483648',
  '99999999999999999999999',
  'Infinity',
  'NaN',
  '0x10',
  '1_000',
  '１',
  '{}',
  '[]',
  '<script>alert(1)</script>',
]

/** Bodies that no serializer would write. */
export const hostileBodies: readonly string[] = [
  '{"a":1,"a":2}',
  '{"name":"a","name":null}',
  '{"__proto__":{"isAdmin":true}}',
  '{"constructor":{"prototype":{"x":1}}}',
  '\ufeff{}',
  '\ufeff',
  '{"a":1e999}',
  '{"a":-1e999}',
  '{"a":9007199254740993}',
  '{"a":0.1e-400}',
  '{"\\u0000":"\\ud800"}',
  '{"a":"\\u0000"}',
  '"\\ud800"',
  '{"":{}}',
  `${'['.repeat(50_000)}${']'.repeat(50_000)}`,
  `${'{"a":'.repeat(20_000)}1${'}'.repeat(20_000)}`,
  `[${'{},'.repeat(20_000)}{}]`,
  `{${Array.from({ length: 5000 }, (_, index) => `"k${index}":0`).join()}}`,
  `{"a":"${'\\u0041'.repeat(50_000)}"}`,
  '{"a":1}\n\n\n',
  '  {}  ',
  '{"a":1}x',
  '{"a":\t1}',
  "{'a':1}",
  '// comment\n{}',
]

/** Headers that a caller may send although nobody asked for them. */
export const oddHeaders: fc.Arbitrary<Record<string, string>> = fc
  .record(
    {
      'x-request-id': fc.constantFrom('a', 'a'.repeat(129), 'ok-request-id', 'ä'.repeat(20), '{"x":1}', '../..'),
      'idempotency-key': fc.oneof(fc.uuid(), fc.constantFrom('', ' ', 'a'.repeat(255), 'a'.repeat(256), 'é', 'a b')),
      'x-forwarded-for': fc.constantFrom('', ',', '::1', '1.2.3.4, 5.6.7.8', 'evil', '1'.repeat(3000)),
      'user-agent': fc.constantFrom('', 'a'.repeat(8000), 'é', '%s%n'),
      accept: fc.constantFrom('', '*/*', 'text/html', 'application/json;q=0', ',,,;q=,', 'x'.repeat(3000)),
      'accept-encoding': fc.constantFrom('', 'gzip', 'br;q=1, gzip;q=0', '*', 'x'),
      'if-match': fc.constantFrom('*', '"1"', 'W/"1"', '"', ',', 'x'.repeat(3000)),
      'if-none-match': fc.constantFrom('*', '"1"', 'W/"1"', '"'),
      'if-modified-since': fc.constantFrom('never', 'Thu, 01 Jan 1970 00:00:00 GMT'),
      range: fc.constantFrom('bytes=0-0', 'bytes=5-1', 'bytes=-1', 'x'),
      origin: fc.constantFrom('null', 'https://evil.example', '', 'x'),
      cookie: fc.constantFrom('', ';;;', 'token', 'token=', '=', 'token=a; token=b'),
      'x-agent-id': fc.constantFrom('', 'a'.repeat(500), 'ÿ'),
      'x-conversation-id': fc.constantFrom('', 'a'.repeat(500), '\u00ff'),
      'x-http-method-override': fc.constantFrom('DELETE', 'x'),
      'content-language': fc.constantFrom('xx', ''),
      host: fc.constantFrom('evil.example', 'x'),
    },
    { requiredKeys: [] },
  )
  .map((headers) => Object.fromEntries(Object.entries(headers).flatMap(([key, value]) => [[key, String(value)]])))
