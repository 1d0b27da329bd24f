import { expect, test } from 'vitest'
import { document, isObject, type Json, type JsonObject, list, object } from '../support/document.ts'

/**
 * The words that schemas in the document may use. A new one has to be understood by the validator in tests, by the
 * client generator (scripts/lib/client) and by the breaking gate (scripts/lib/breaking); add it here once it is.
 */
const known = [
  '$ref',
  'additionalProperties',
  'default',
  'description',
  'discriminator',
  'enum',
  'example',
  'format',
  'items',
  'maxItems',
  'maxLength',
  'maxProperties',
  'maximum',
  'minItems',
  'minLength',
  'minimum',
  'oneOf',
  'pattern',
  'properties',
  'propertyNames',
  'required',
  'type',
  'x-extensible',
]

const formats = ['date-time', 'password', 'uuid']

const used = new Set<string>()
const usedFormats = new Set<string>()

function readSchema(schema: JsonObject): void {
  for (const word of Object.keys(schema)) used.add(word)
  if (typeof schema.format === 'string') usedFormats.add(schema.format)
  const inner = [
    ...(isObject(schema.properties) ? Object.values(schema.properties) : []),
    ...['oneOf', 'anyOf', 'allOf', 'prefixItems'].flatMap((word) => list(schema[word])),
    ...['items', 'additionalProperties', 'not', 'contains', 'propertyNames'].map((word) => schema[word]),
  ]
  for (const one of inner) if (isObject(one)) readSchema(one)
}

/** Schemas stand under `schema` everywhere in OpenAPI, and in the components by name. */
function findSchemas(node: Json | undefined): void {
  if (Array.isArray(node)) for (const inner of node) findSchemas(inner)
  if (!isObject(node)) return
  for (const [key, inner] of Object.entries(node)) {
    if (key === 'schema' && isObject(inner)) readSchema(inner)
    else if (key !== 'example') findSchemas(inner)
  }
}

for (const schema of Object.values(object(object(document.components).schemas))) readSchema(object(schema))
findSchemas(document)

test('the document uses exactly the known words', () => {
  expect([...used].sort()).toEqual(known)
})

test('the document uses exactly the known formats', () => {
  expect([...usedFormats].sort()).toEqual(formats)
})
