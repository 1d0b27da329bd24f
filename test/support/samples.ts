import { isObject, type Json, type JsonObject, list } from './document.ts'

/** Follows a schema's `$ref`, if it has one. */
export type Resolve = (schema: JsonObject) => JsonObject

/** A value that the schema admits: its own example, or the least that its words ask for. */
export function validSample(schema: JsonObject, resolve: Resolve): Json {
  const node = resolve(schema)
  if (node.example !== undefined) return node.example
  const [listed] = list(node.enum)
  if (listed !== undefined) return listed
  const [branch] = list(node.oneOf).filter(isObject)
  if (branch !== undefined) return validSample(branch, resolve)
  switch (typesOf(node)[0]) {
    case 'string':
      return typeof node.format === 'string' ? sampleOfFormat(node.format) : 'a'.repeat(numberAt(node, 'minLength', 1))
    case 'integer':
    case 'number':
      return numberAt(node, 'minimum', 1)
    case 'boolean':
      return true
    case 'null':
      return null
    case 'array':
      return Array.from({ length: numberAt(node, 'minItems', 1) }, () => itemSample(node, resolve))
    default:
      return Object.fromEntries(propertiesOf(node).map(([key, inner]) => [key, validSample(inner, resolve)]))
  }
}

function sampleOfFormat(format: string): string {
  const known: Readonly<Record<string, string>> = {
    'date-time': '2027-01-01T00:00:00.000Z',
    date: '2027-01-01',
    uuid: '5b3c9d9e-6a58-4c5e-9f1e-0d9a4f6f2b11',
    email: 'ada@example.com',
    uri: 'https://example.com/',
    ipv4: '192.0.2.1',
    ipv6: '2001:db8::1',
    password: 'three blind mice run',
  }
  const sample = known[format]
  if (sample === undefined) throw new Error(`no sample of the format ${format}`)
  return sample
}

const ofEveryType: readonly Json[] = [null, true, false, 0, 1, '', 'a', [], ['a'], [null], {}, { a: 1 }]

/** Values on both sides of every border that the schema draws; which side is which is for others to say. */
export function edgeValues(schema: JsonObject, resolve: Resolve): Json[] {
  const node = resolve(schema)
  const types = typesOf(node)
  const edges: Json[] = [...ofEveryType, validSample(node, resolve)]
  for (const value of list(node.enum))
    edges.push(value, `${String(value)} `, String(value).toLowerCase(), `${String(value)}x`)
  for (const branch of list(node.oneOf).filter(isObject)) edges.push(...edgeValues(branch, resolve))
  if (types.includes('string')) edges.push(...textEdges(node))
  if (types.includes('integer') || types.includes('number')) edges.push(...numberEdges(node))
  if (types.includes('array')) edges.push(...arrayEdges(node, resolve))
  if (types.includes('object')) edges.push(...objectEdges(node, resolve))
  return edges
}

function textEdges(node: JsonObject): string[] {
  const least = numberAt(node, 'minLength', 0)
  const most = numberAt(node, 'maxLength', 40)
  const lengths = [least - 1, least, least + 1, most - 1, most, most + 1].filter((length) => length >= 0)
  const filled = lengths.flatMap((length) => ['a', 'é', '😀', 'e\u0301', ' '].map((unit) => unit.repeat(length)))
  const mixed = lengths.filter((length) => length > 0).map((length) => `${'a'.repeat(length - 1)}😀`)
  const hostile = [
    '\u0000',
    'a\u0000',
    '\u0000a',
    '\ud800',
    'a\udc00b',
    '\ufeffa',
    'a\n',
    '\u2028',
    '\u202ea',
    ' a ',
    '0',
    '-1',
    '__proto__',
  ]
  return [...filled, ...mixed, ...hostile, ...moments, ...addresses, ...identifiers]
}

const moments: readonly string[] = [
  '2027-01-01T00:00:00Z',
  '2027-01-01T00:00:00.000Z',
  '2027-01-01T00:00:00.123456789Z',
  '2027-01-01T00:00:00.1234567890Z',
  '2027-01-01T00:00:00.Z',
  '2027-01-01T00:00Z',
  '2027-01-01T00:00:00z',
  '2027-01-01t00:00:00Z',
  '2027-01-01 00:00:00Z',
  '2027-01-01T00:00:00',
  '2027-01-01T00:00:00+02:00',
  '2027-01-01T00:00:00-00:00',
  '2027-01-01T00:00:00+23:59',
  '2027-01-01T00:00:00+24:00',
  '2027-01-01T00:00:00+00:60',
  '2027-01-01T00:00:00+0200',
  '2027-01-01T00:00:00+02',
  '2027-01-01T00:00:00Z ',
  ' 2027-01-01T00:00:00Z',
  '2027-01-01T00:00:00Z\n',
  '2027-02-28T00:00:00Z',
  '2027-02-29T00:00:00Z',
  '2028-02-29T00:00:00Z',
  '2028-02-30T00:00:00Z',
  '2100-02-29T00:00:00Z',
  '2000-02-29T00:00:00Z',
  '2027-04-31T00:00:00Z',
  '2027-00-01T00:00:00Z',
  '2027-13-01T00:00:00Z',
  '2027-01-00T00:00:00Z',
  '2027-01-32T00:00:00Z',
  '2027-01-01T23:59:59Z',
  '2027-01-01T24:00:00Z',
  '2027-01-01T00:60:00Z',
  '2016-12-31T23:59:60Z',
  '2016-12-31T23:59:61Z',
  '2016-12-31T22:59:60-01:00',
  '0000-01-01T00:00:00Z',
  '0001-01-01T00:00:00Z',
  '0999-12-31T23:59:59Z',
  '1000-01-01T00:00:00Z',
  '1970-01-01T00:00:00Z',
  '2999-12-31T23:59:59Z',
  '3000-01-01T00:00:00Z',
  '9999-12-31T23:59:59Z',
  '9999-12-31T23:59:59-23:59',
  '+010000-01-01T00:00:00Z',
  '-0001-01-01T00:00:00Z',
  '２０２７-01-01T00:00:00Z',
  '2027-01-01',
  '1798761600',
]

const addresses: readonly string[] = [
  'a@b.co',
  "A.B+c_d%e-f'g@x-y.example.com",
  'a@b',
  'a@b.',
  'a@.co',
  '@b.co',
  'a@@b.co',
  'a b@c.co',
  'a@b.co ',
  ' a@b.co',
  'a@b.co\n',
  'é@example.com',
  'a@ex😀mple.com',
  '"a"@example.com',
  'a@[192.0.2.1]',
  'a..b@example.com',
  '.a@example.com',
  `${'a'.repeat(64)}@example.com`,
  `${'a'.repeat(65)}@example.com`,
  `a@${'b'.repeat(63)}.com`,
  `a@${'b'.repeat(64)}.com`,
  `${'a'.repeat(64)}@${`${'b'.repeat(63)}.`.repeat(3)}${'c'.repeat(63)}`,
  `${'a'.repeat(64)}@${`${'b'.repeat(63)}.`.repeat(4)}${'c'.repeat(63)}`,
  `a@${'b.'.repeat(8)}co`,
  `a@${'b.'.repeat(9)}co`,
]

const identifiers: readonly string[] = [
  '5b3c9d9e-6a58-4c5e-9f1e-0d9a4f6f2b11',
  '5B3C9D9E-6A58-4C5E-9F1E-0D9A4F6F2B11',
  '5b3c9d9e6a584c5e9f1e0d9a4f6f2b11',
  '{5b3c9d9e-6a58-4c5e-9f1e-0d9a4f6f2b11}',
  'urn:uuid:5b3c9d9e-6a58-4c5e-9f1e-0d9a4f6f2b11',
  '5b3c9d9e-6a58-4c5e-9f1e-0d9a4f6f2b1',
  '5b3c9d9e-6a58-4c5e-9f1e-0d9a4f6f2b1g',
  '5b3c9d9e-6a58-0c5e-0f1e-0d9a4f6f2b11',
  '00000000-0000-0000-0000-000000000000',
  'ffffffff-ffff-ffff-ffff-ffffffffffff',
]

function numberEdges(node: JsonObject): Json[] {
  const least = numberAt(node, 'minimum', -10)
  const most = numberAt(node, 'maximum', 10)
  const around = [least, most].flatMap((border) => [border - 1, border - 0.5, border, border + 0.5, border + 1])
  const far = [-0, 1.5, 2 ** 31, 2 ** 53 - 1, 2 ** 53, 2 ** 53 + 2, -(2 ** 53), 1e308, -1e308, 5e-324]
  return [
    ...around,
    ...far,
    String(least),
    `${least}.0`,
    `0${least}`,
    `+${least}`,
    `-${least}`,
    ` ${least}`,
    `${least}e0`,
    '0x1',
    '٣',
    '',
    '9007199254740993',
    '1e308',
    'NaN',
    'Infinity',
  ]
}

function arrayEdges(node: JsonObject, resolve: Resolve): Json[] {
  const item = itemSample(node, resolve)
  const least = numberAt(node, 'minItems', 0)
  const most = numberAt(node, 'maxItems', 20)
  const lengths = [least - 1, least, least + 1, most - 1, most, most + 1].filter((length) => length >= 0)
  const sized = lengths.map((length) => Array.from({ length }, () => item))
  const inner = isObject(node.items) ? edgeValues(node.items, resolve) : []
  return [...sized, ...inner.map((one) => [one]), ...inner.slice(0, ofEveryType.length).map((one) => [item, one])]
}

function objectEdges(node: JsonObject, resolve: Resolve): Json[] {
  const properties = propertiesOf(node)
  const whole: JsonObject = Object.fromEntries(properties.map(([key, inner]) => [key, validSample(inner, resolve)]))
  const required = list(node.required).map(String)
  const edges: Json[] = [whole, Object.fromEntries(Object.entries(whole).filter(([key]) => required.includes(key)))]
  for (const [key, inner] of properties) {
    edges.push(Object.fromEntries(Object.entries(whole).filter(([other]) => other !== key)))
    edges.push({ ...whole, [key.toUpperCase()]: 1 })
    for (const value of edgeValues(inner, resolve)) edges.push({ ...whole, [key]: value })
  }
  for (const key of ['unheard', '', '__proto__', 'constructor', 'toString']) {
    // By definition, because assigning __proto__ would set the prototype instead.
    edges.push(Object.defineProperty({ ...whole }, key, { value: {}, enumerable: true }))
  }
  return edges
}

export function propertiesOf(node: JsonObject): [key: string, schema: JsonObject][] {
  if (!isObject(node.properties)) return []
  return Object.entries(node.properties).flatMap(([key, inner]) => (isObject(inner) ? [[key, inner]] : []))
}

function itemSample(node: JsonObject, resolve: Resolve): Json {
  return isObject(node.items) ? validSample(node.items, resolve) : 'a'
}

function typesOf(node: JsonObject): string[] {
  return typeof node.type === 'string' ? [node.type] : list(node.type).map(String)
}

function numberAt(node: JsonObject, key: string, otherwise: number): number {
  const value = node[key]
  return typeof value === 'number' ? value : otherwise
}
