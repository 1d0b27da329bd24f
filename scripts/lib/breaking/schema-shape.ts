import { isObject, type JsonObject, listAt, objectOf, read, show, UnreadableDocument, without } from './json.ts'
import { follow, referenceOf } from './references.ts'

const everyType = ['string', 'number', 'boolean', 'object', 'array', 'null']
const constraining = ['$ref', 'type', 'enum', 'const', 'oneOf', 'anyOf', 'allOf', 'not']

/** `true` and absent allow everything, `false` nothing. */
export function schemaOf(value: unknown): JsonObject {
  if (value === undefined || value === true) return {}
  if (value === false) return { not: {} }
  return objectOf(value, 'a schema')
}

const annotations = ['title', 'description', 'example', 'examples', 'deprecated', 'default']

function onlyAnnotates(schema: JsonObject): boolean {
  return Object.keys(schema).every((keyword) => annotations.includes(keyword) || keyword.startsWith('x-'))
}

export function allowsAnything(schema: JsonObject): boolean {
  return !constraining.some((keyword) => Object.hasOwn(schema, keyword))
}

/** The only values a schema allows, or undefined where it has no such list. */
export function valuesOf(schema: JsonObject): readonly unknown[] | undefined {
  if (Object.hasOwn(schema, 'const')) return [read(schema, 'const')]
  return Object.hasOwn(schema, 'enum') ? listAt(schema, 'enum') : undefined
}

function typeOfValue(value: unknown): string {
  if (value === null) return 'null'
  if (Array.isArray(value)) return 'array'
  return Number.isInteger(value) ? 'integer' : typeof value
}

export function typesOf(schema: JsonObject): string[] {
  const type = read(schema, 'type')
  if (typeof type === 'string') return [type]
  if (Array.isArray(type)) return type.map(String)
  if (type !== undefined) throw new UnreadableDocument(`type is neither text nor a list: ${show(type)}`)
  const values = valuesOf(schema)
  return values === undefined ? everyType : [...new Set(values.map(typeOfValue))]
}

export function coversType(types: readonly string[], type: string): boolean {
  return types.includes(type) || (type === 'integer' && types.includes('number'))
}

/** The list of alternatives and its keyword. A schema with both lists keeps `anyOf` for the unclassified rest. */
export function unionOf(schema: JsonObject): { keyword: 'oneOf' | 'anyOf'; branches: readonly unknown[] } | undefined {
  for (const keyword of ['oneOf', 'anyOf'] as const) {
    if (Object.hasOwn(schema, keyword)) return { keyword, branches: listAt(schema, keyword) }
  }
  return undefined
}

export function acceptsNull(document: JsonObject, value: unknown, passed = new Set<unknown>()): boolean {
  if (passed.has(value)) return false
  passed.add(value)
  if (referenceOf(value) !== undefined) return acceptsNull(document, follow(document, value), passed)
  const schema = schemaOf(value)
  if (!typesOf(schema).includes('null') || valuesOf(schema)?.includes(null) === false) return false
  return unionOf(schema)?.branches.some((branch) => acceptsNull(document, branch, passed)) ?? true
}

function isNullBranch(branch: unknown): branch is JsonObject {
  return isObject(branch) && read(branch, 'type') === 'null'
}

/** The alternative that is null, or nothing. */
export function nullBranch(schema: JsonObject): JsonObject {
  return unionOf(schema)?.branches.find(isNullBranch) ?? {}
}

/** Null may be spelled as a type, as a listed value or as an alternative; the rest is compared without it. */
export function withoutNull(schema: JsonObject): JsonObject {
  const rest: Record<string, unknown> = { ...schema }
  if (Array.isArray(rest['type'])) rest['type'] = rest['type'].filter((type) => type !== 'null')
  if (Array.isArray(rest['enum'])) rest['enum'] = rest['enum'].filter((value) => value !== null)
  const union = unionOf(schema)
  if (union === undefined) return rest
  const branches = union.branches.filter((branch) => !isNullBranch(branch))
  const [only] = branches
  const beside = without(rest, union.keyword, 'discriminator')
  // `oneOf: [X, null]` is X that may be null, unless something beside the list constrains it too.
  if (branches.length === 1 && branches.length < union.branches.length && isObject(only) && onlyAnnotates(beside)) {
    return { ...beside, ...only }
  }
  return { ...rest, [union.keyword]: branches }
}

/** The one text that `property` can hold in a schema, if there is only one. */
export function constantOf(document: JsonObject, schema: unknown, property: string): string | undefined {
  const properties = objectOf(read(schemaOf(follow(document, schema)), 'properties'), 'properties')
  const values = valuesOf(schemaOf(follow(document, read(properties, property))))
  const value = values?.[0]
  return values?.length === 1 && typeof value === 'string' && Object.hasOwn(properties, property) ? value : undefined
}
