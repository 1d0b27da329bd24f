import { isObject, type JsonObject, listOf, objectOf, textsOf } from '../client/json.ts'

/** What OpenAI's strict mode takes; with any other word it refuses the whole request. */
const strictWords = [
  ...['type', 'properties', 'required', 'additionalProperties', 'items', 'enum', 'anyOf', 'description'],
  ...['pattern', 'format', 'multipleOf', 'minimum', 'maximum', 'exclusiveMinimum', 'exclusiveMaximum'],
  ...['minItems', 'maxItems'],
]
/** The first limits that were published; they have only been raised since. */
const most = { properties: 100, levels: 5, enumValues: 500, characters: 15_000 } as const

/** Strict mode has no optional fields and no maps, so only a schema without them can promise it. */
export function fitsStrictMode(schema: JsonObject): boolean {
  const nodes = nodesOf(schema, 1)
  const names = nodes.flatMap(({ node }) => Object.keys(objectOf(node['properties'])))
  const values = nodes.flatMap(({ node }) => listOf(node['enum']))
  const characters = [...names, ...values.map(String)].join('').length
  return (
    nodes.every(({ node }) => isStrict(node)) &&
    names.length <= most.properties &&
    values.length <= most.enumValues &&
    characters <= most.characters &&
    nodes.every(({ level }) => level <= most.levels)
  )
}

function isStrict(node: JsonObject): boolean {
  if (!Object.keys(node).every((word) => strictWords.includes(word))) return false
  if (node['properties'] === undefined) return true
  const names = Object.keys(objectOf(node['properties']))
  return node['additionalProperties'] === false && names.every((name) => textsOf(node['required']).includes(name))
}

type Node = { readonly node: JsonObject; readonly level: number }

/** The schema and all within it, each with how many objects it lies in. */
function nodesOf(schema: JsonObject, level: number): Node[] {
  const members = Object.values(objectOf(schema['properties'])).filter(isObject)
  const beside = [...listOf(schema['anyOf']), schema['items'], schema['additionalProperties']].filter(isObject)
  return [
    { node: schema, level },
    ...members.flatMap((member) => nodesOf(member, level + 1)),
    ...beside.flatMap((part) => nodesOf(part, level)),
  ]
}
