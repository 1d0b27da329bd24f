import { isObject, type JsonObject, listOf, objectOf, resolve, textsOf } from '../client/json.ts'

/** The words that every format takes below the top level. Others are left out: the service checks them anyway. */
const keptWords = [
  ...['type', 'enum', 'description', 'default', 'minimum', 'maximum', 'exclusiveMinimum', 'exclusiveMaximum'],
  ...['multipleOf', 'minLength', 'maxLength', 'minItems', 'maxItems'],
]
/** Those that both OpenAI and Anthropic name; of others a request may be refused as a whole. */
const keptFormats = ['date-time', 'time', 'date', 'duration', 'email', 'hostname', 'ipv4', 'ipv6', 'uuid']
/** Says only that databases take no NUL, which no model has to be told at every text. */
const anyText = '^[^\\u0000]*$'
const longestFieldDescription = 500

/** A schema of the document as a tool has it: nothing refers elsewhere, and only words that all formats know are left. */
export function toolSchema(document: JsonObject, schema: unknown, above: readonly JsonObject[] = []): JsonObject {
  const target = resolve(document, schema)
  // A schema within itself has no end once it is written out; the inner one admits any object.
  if (above.includes(target)) return { type: 'object' }
  const { $ref: _, ...beside } = objectOf(schema)
  const node = { ...target, ...beside }
  if (node['allOf'] !== undefined) throw new Error('a tool cannot say allOf')
  const inner = (part: unknown) => toolSchema(document, part, [...above, target])
  const branches = [...listOf(node['oneOf']), ...listOf(node['anyOf'])]
  return {
    ...Object.fromEntries(keptWords.flatMap((word) => (node[word] === undefined ? [] : [[word, node[word]]]))),
    ...(node['const'] !== undefined && { enum: [node['const']] }),
    ...(typeof node['description'] === 'string' && {
      description: shortened(node['description'], longestFieldDescription),
    }),
    ...(keptFormats.includes(String(node['format'])) && { format: node['format'] }),
    ...(node['pattern'] !== undefined && node['pattern'] !== anyText && { pattern: node['pattern'] }),
    ...(branches.length > 0 && { anyOf: branches.map(inner) }),
    // OpenAI refuses a list that does not say of what.
    ...(hasType(node, 'array') && { items: inner(node['items'] ?? {}) }),
    ...(hasType(node, 'object') && objectWords(node, inner)),
  }
}

function objectWords(node: JsonObject, inner: (part: unknown) => JsonObject): JsonObject {
  const { properties, additionalProperties } = node
  return {
    properties: Object.fromEntries(Object.entries(objectOf(properties)).map(([name, part]) => [name, inner(part)])),
    required: textsOf(node['required']),
    additionalProperties: isObject(additionalProperties) ? inner(additionalProperties) : additionalProperties === true,
  }
}

function hasType(node: JsonObject, type: string): boolean {
  return node['type'] === type || textsOf(node['type']).includes(type)
}

/** At most `longest` characters, cut between words. */
export function shortened(text: string, longest: number): string {
  if (text.length <= longest) return text
  const cut = text.slice(0, longest - 1)
  return `${cut.slice(0, Math.max(cut.lastIndexOf(' '), 1)).trimEnd()}…`
}
