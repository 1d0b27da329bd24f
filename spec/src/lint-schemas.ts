import type { JsonObject } from './document.ts'
import { isJsonObject, listAt, objectAt, objectsAt } from './json.ts'
import type { Report } from './lint.ts'

export type Direction = 'request' | 'response'
type Place = { readonly where: string; readonly direction: Direction }

const unread = ['allOf', 'not', 'patternProperties', 'prefixItems', 'if', 'dependentSchemas', 'unevaluatedProperties']
const namedSchema = /^#\/components\/schemas\/([^/]+)$/

/** A schema with everything inside it; `seen` holds the named ones that were looked at, once for each direction. */
export function lintSchema(
  document: JsonObject,
  schema: JsonObject,
  { where, direction }: Place,
  seen: Set<string>,
  report: Report,
): void {
  const name = typeof schema.$ref === 'string' ? namedSchema.exec(schema.$ref)?.[1] : undefined
  if (name !== undefined) {
    if (seen.has(`${direction} ${name}`)) return
    seen.add(`${direction} ${name}`)
    const named = objectAt(objectAt(objectAt(document, 'components'), 'schemas'), name)
    lintSchema(document, named, { where: name, direction }, seen, report)
    return
  }
  lintNode(schema, { where, direction }, report)
  for (const [step, inner] of inside(schema)) {
    lintSchema(document, inner, { where: `${where}${step}`, direction }, seen, report)
  }
}

function inside(node: JsonObject): [step: string, inner: JsonObject][] {
  const properties = Object.entries(objectAt(node, 'properties'))
  const found = [
    ...properties.map(([key, inner]) => [`.${key}`, inner] as const),
    ...['items', 'additionalProperties'].map((key) => ['[]', node[key]] as const),
    ...['oneOf', 'anyOf', 'allOf', 'prefixItems'].flatMap((key) =>
      objectsAt(node, key).map((inner) => ['', inner] as const),
    ),
  ]
  return found.flatMap(([step, inner]) => (isJsonObject(inner) ? [[step, inner]] : []))
}

function lintNode(node: JsonObject, place: Place, report: Report): void {
  const { where, direction } = place
  for (const word of unread) if (node[word] !== undefined) report('dialect', where, `uses ${word}`)
  const isTyped = ['type', 'enum', 'const', 'oneOf', 'anyOf'].some((word) => node[word] !== undefined)
  if (!isTyped) report('typed', where, 'admits anything')
  if (direction === 'request') lintRequestNode(node, where, report)
  else lintResponseNode(node, where, report)
}

function lintRequestNode(node: JsonObject, where: string, report: Report): void {
  const types = typesOf(node)
  const isListed = node.enum !== undefined || node.const !== undefined
  if (types.includes('object')) {
    const isClosed = node.additionalProperties === false
    const isBoundedMap = isJsonObject(node.additionalProperties) && node.maxProperties !== undefined
    if (!isClosed && !isBoundedMap) report('closed-request', where, 'admits any number of unknown fields')
  }
  if (types.includes('array') && node.maxItems === undefined) report('bounded-array', where, 'has no maxItems')
  if (types.includes('string') && !isListed && !isBoundedText(node)) report('bounded-text', where, 'has no end')
  if ((types.includes('integer') || types.includes('number')) && !isListed && !isBoundedNumber(node)) {
    report('bounded-number', where, 'has no minimum or no maximum')
  }
}

function lintResponseNode(node: JsonObject, where: string, report: Report): void {
  if (node.additionalProperties === false) report('open-response', where, 'is closed')
  if (node.default !== undefined) report('open-response', where, 'has a default')
}

function typesOf(node: JsonObject): string[] {
  return typeof node.type === 'string' ? [node.type] : listAt(node, 'type').map(String)
}

function isBoundedNumber(node: JsonObject): boolean {
  const has = (...words: string[]) => words.some((word) => typeof node[word] === 'number')
  return has('minimum', 'exclusiveMinimum') && has('maximum', 'exclusiveMaximum')
}

const boundedFormats = ['uuid', 'date', 'ipv4', 'ipv6']

function isBoundedText({ maxLength, format, pattern }: JsonObject): boolean {
  if (typeof maxLength === 'number' || boundedFormats.includes(String(format))) return true
  return typeof pattern === 'string' && isBoundedPattern(pattern)
}

/** Anchored at both ends as a whole, and nothing in it repeats without end. */
function isBoundedPattern(pattern: string): boolean {
  if (!pattern.startsWith('^') || !pattern.endsWith('$')) return false
  const bare = pattern.replaceAll(/\\./g, 'x').replaceAll(/\[[^\]]*\]/g, 'x')
  let grouped = bare
  while (/\([^()]*\)/.test(grouped)) grouped = grouped.replaceAll(/\([^()]*\)/g, 'x')
  return !/[*+]|\{\d+,\}/.test(bare) && !grouped.includes('|')
}
