import { Ajv2020, type ErrorObject, type ValidateFunction } from 'ajv/dist/2020.js'
import { fullFormats } from 'ajv-formats/dist/formats.js'
import { document, isObject, type Json, type JsonObject } from './document.ts'

/** The document as JSON Schema sees it: requests as written, responses closed, so that a leaked field fails. */

const openapiWords = [
  'discriminator',
  'example',
  'x-extensible',
  ...Object.keys(document),
  ...['paths', 'components', 'openapi', 'info', 'servers', 'tags', 'security'],
]

function createAjv(name: string, root: JsonObject): { validator(pointer: string): ValidateFunction } {
  const ajv = new Ajv2020({ strict: false, allErrors: true, validateSchema: false })
  for (const [name, format] of Object.entries(fullFormats)) ajv.addFormat(name, format)
  for (const word of new Set(openapiWords)) ajv.addKeyword(word)
  ajv.addSchema(root, name)
  const compiled = new Map<string, ValidateFunction>()
  return {
    validator: (pointer) => {
      const known = compiled.get(pointer)
      if (known !== undefined) return known
      const fresh = ajv.compile({ $ref: `${name}${encodeURI(pointer)}` })
      compiled.set(pointer, fresh)
      return fresh
    },
  }
}

/** Every object that lists its properties allows no others. */
function closed(node: Json): Json {
  if (Array.isArray(node)) return node.map(closed)
  if (!isObject(node)) return node
  const copy: JsonObject = {}
  for (const [key, value] of Object.entries(node)) copy[key] = key === 'example' ? value : closed(value)
  if (copy.type === 'object' && isObject(copy.properties) && copy.additionalProperties === undefined) {
    copy.additionalProperties = false
  }
  return copy
}

function closedDocument(): JsonObject {
  const copy = closed(document)
  if (!isObject(copy)) throw new Error('the document is not an object')
  return copy
}

/** The faults of a value under a schema of any document, by where the schema stands in it. */
export function validatorsOf(root: JsonObject): (pointer: string, value: unknown) => string[] {
  const { validator } = createAjv('document', root)
  return (pointer, value) => faults(validator(pointer), value)
}

const open = createAjv('request', document)
const strict = createAjv('response', closedDocument())

export function requestFaults(pointer: string, value: unknown): string[] {
  return faults(open.validator(pointer), value)
}

export function responseFaults(pointer: string, value: unknown): string[] {
  return faults(strict.validator(pointer), value)
}

function faults(validate: ValidateFunction, value: unknown): string[] {
  return validate(value) ? [] : (validate.errors ?? []).map(sentence)
}

function sentence(error: ErrorObject): string {
  const extra = error.keyword === 'additionalProperties' ? ` ${JSON.stringify(error.params)}` : ''
  return `${error.instancePath || '(body)'} ${error.message ?? error.keyword}${extra}`
}
