import { describe, expect, test } from 'vitest'
import { document, isObject, type Json, object, pointer } from '../support/document.ts'
import { requestFaults, responseFaults } from '../support/schemas.ts'

type Example = { readonly schemaAt: string; readonly value: Json }

/** Every schema with an example of its own, by where it stands in the document. */
function examplesOf(node: Json | undefined, keys: readonly string[]): Example[] {
  if (Array.isArray(node)) return node.flatMap((inner, index) => examplesOf(inner, [...keys, String(index)]))
  if (!isObject(node)) return []
  const own: Example[] = []
  if (node.example !== undefined) {
    // A parameter or a header has its schema beside the example; a schema is its own.
    const schemaAt = isObject(node.schema) ? pointer(...keys, 'schema') : pointer(...keys)
    own.push({ schemaAt, value: node.example })
  }
  const inner = Object.entries(node).filter(([key]) => key !== 'example')
  return [...own, ...inner.flatMap(([key, value]) => examplesOf(value, [...keys, key]))]
}

const schemas = object(object(document.components).schemas)
const examples = [...examplesOf(document.paths, ['paths']), ...examplesOf(document.components, ['components'])].map(
  ({ schemaAt, value }): [schemaAt: string, value: Json] => [schemaAt, value],
)

describe('examples', () => {
  test.each(examples)('%s', (schemaAt, value) => {
    expect(requestFaults(schemaAt, value)).toEqual([])
    // Closed, so that an example cannot show a field that the schema does not have.
    expect(responseFaults(schemaAt, value)).toEqual([])
  })

  test('every named schema is among them', () => {
    const seen = new Set(examples.map(([schemaAt]) => schemaAt))
    expect(Object.keys(schemas).filter((name) => !seen.has(pointer('components', 'schemas', name)))).toEqual([])
  })
})

describe('the component of an error code', () => {
  const byCode = Object.entries(schemas).flatMap(([name, schema]): [code: string, name: string][] => {
    const code = object(object(object(schema).properties ?? {}).code ?? {}).enum
    return name.startsWith('Error') && Array.isArray(code) && code.length === 1 ? [[String(code[0]), name]] : []
  })

  test('exists for every code of the catalogue', () => {
    expect(byCode.map(([code]) => code).sort()).toEqual(Object.keys(object(document['x-errors'])).sort())
  })

  test.each(byCode)('%s admits what the service answers, and no other code', (code, name) => {
    const at = pointer('components', 'schemas', name)
    const example = object(object(schemas[name]).example)
    expect(example).toMatchObject({ code, error: object(object(document['x-errors'])[code]).message })
    expect(responseFaults(at, { ...example, code: 'UNHEARD' })).not.toEqual([])
    expect(responseFaults(at, { ...example, stack: 'at line 1' })).not.toEqual([])
    expect(responseFaults(at, { ...example, requestId: undefined })).not.toEqual([])
  })
})
