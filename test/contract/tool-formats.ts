import { Ajv2020 } from 'ajv/dist/2020.js'
import { fullFormats } from 'ajv-formats/dist/formats.js'
import { isObject, type Json, type JsonObject, list } from '../support/document.ts'

/**
 * What the makers of the formats say about them, so far as a request is refused over it:
 * OpenAI, function calling and structured outputs; Anthropic, tool use; LangChain, structured tools.
 */

const formatsOfBoth = ['date-time', 'time', 'date', 'duration', 'email', 'hostname', 'ipv4', 'ipv6', 'uuid']
const strictWords = new Set([
  ...['type', 'properties', 'required', 'additionalProperties', 'items', 'enum', 'const', 'anyOf', 'description'],
  ...['title', 'pattern', 'format', 'multipleOf', 'minimum', 'maximum', 'exclusiveMinimum', 'exclusiveMaximum'],
  ...['minItems', 'maxItems', '$defs', '$ref'],
])

export function openaiFaults(tool: Json): string[] {
  if (!isObject(tool) || !isObject(tool.function)) return ['is not { type, function }']
  const { name, description, parameters, strict } = tool.function
  return [
    ...keyFaults(tool, ['type', 'function']),
    ...keyFaults(tool.function, ['name', 'description', 'parameters', 'strict']),
    ...(tool.type === 'function' ? [] : ['type is not function']),
    ...nameFaults(name),
    ...(typeof description === 'string' && description.length <= 1024 ? [] : ['description is over 1024 characters']),
    ...argumentFaults(parameters),
    ...(strict === true ? strictFaults(parameters) : []),
  ]
}

export function anthropicFaults(tool: Json): string[] {
  if (!isObject(tool)) return ['is no object']
  return [
    ...keyFaults(tool, ['name', 'description', 'input_schema']),
    ...nameFaults(tool.name),
    ...(typeof tool.description === 'string' ? [] : ['description is missing']),
    ...argumentFaults(tool.input_schema),
  ]
}

export function langchainFaults(tool: Json): string[] {
  if (!isObject(tool) || !isObject(tool.args_schema)) return ['has no args_schema']
  const { title, description, ...schema } = tool.args_schema
  return [
    ...nameFaults(tool.name),
    ...(title === tool.name && description === tool.description
      ? []
      : ['args_schema has another title or description']),
    ...(/^(GET|POST|PUT|PATCH)$/.test(String(tool.method)) ? [] : [`method is ${String(tool.method)}`]),
    ...(String(tool.path).startsWith('/') ? [] : [`path is ${String(tool.path)}`]),
    ...argumentFaults(schema),
  ]
}

function keyFaults(value: JsonObject, keys: readonly string[]): string[] {
  return Object.keys(value).flatMap((key) => (keys.includes(key) ? [] : [`${key} is not part of the format`]))
}

function nameFaults(name: Json | undefined): string[] {
  return /^[a-zA-Z0-9_-]{1,64}$/.test(String(name)) ? [] : [`name is ${String(name)}`]
}

/** An object at the top, plain property names, nothing by reference, and JSON Schema all the way down. */
function argumentFaults(schema: Json | undefined): string[] {
  if (!isObject(schema) || schema.type !== 'object' || !isObject(schema.properties)) return ['takes no object']
  const top = ['oneOf', 'anyOf', 'allOf', 'not', 'enum'].filter((word) => schema[word] !== undefined)
  const keys = schemasIn(schema).flatMap((node) => (isObject(node.properties) ? Object.keys(node.properties) : []))
  return [
    ...top.map((word) => `${word} at the top`),
    ...keys.filter((key) => !/^[a-zA-Z0-9_.-]{1,64}$/.test(key)).map((key) => `an argument called ${key}`),
    ...schemasIn(schema).flatMap(nodeFaults),
    ...dialectFaults(schema),
  ]
}

function nodeFaults(node: JsonObject): string[] {
  const refused = ['$ref', '$defs', 'oneOf', 'allOf', 'not', 'discriminator', 'example', 'nullable', 'xml'].filter(
    (word) => node[word] !== undefined,
  )
  const types = [node.type, ...list(node.type)]
  return [
    ...refused,
    ...(types.includes('array') && !isObject(node.items) ? ['a list of nothing said'] : []),
    ...(node.format === undefined || formatsOfBoth.includes(String(node.format)) ? [] : [`format ${node.format}`]),
  ]
}

/** Ajv's strict mode knows no word that JSON Schema does not have. */
function dialectFaults(schema: JsonObject): string[] {
  const ajv = new Ajv2020({ strictSchema: true, strictTypes: false, strictRequired: true, allErrors: true })
  for (const [name, format] of Object.entries(fullFormats)) ajv.addFormat(name, format)
  try {
    ajv.compile(schema)
    return []
  } catch (error) {
    return [String(error)]
  }
}

function strictFaults(schema: Json | undefined): string[] {
  return schemasIn(schema).flatMap((node) => {
    const words = Object.keys(node).filter((word) => !strictWords.has(word))
    if (!isObject(node.properties)) return words
    const optional = Object.keys(node.properties).filter((name) => !list(node.required).includes(name))
    return [
      ...words,
      ...optional.map((name) => `${name} is optional`),
      ...(node.additionalProperties === false ? [] : ['open']),
    ]
  })
}

/** The schema and all within it. */
export function schemasIn(schema: Json | undefined): JsonObject[] {
  if (!isObject(schema)) return []
  const members = isObject(schema.properties) ? Object.values(schema.properties) : []
  const inner = [...members, ...list(schema.anyOf), schema.items, schema.additionalProperties]
  return [schema, ...inner.flatMap((part) => schemasIn(part))]
}
