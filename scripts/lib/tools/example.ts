import { type JsonObject, listOf, objectOf, resolve, textOf, textsOf } from '../client/json.ts'

export type Example = { readonly value: unknown }

const textsByFormat: Readonly<Record<string, string>> = {
  'date-time': '2027-01-01T00:00:00.000Z',
  date: '2027-01-01',
  email: 'ada@example.com',
  uri: 'https://example.com/',
  uuid: '5b3c9d9e-6a58-4c5e-9f1e-0d9a4f6f2b11',
}

/** A value that the schema admits: its own example, or the least it asks for. */
export function exampleOf(document: JsonObject, schema: unknown): Example | undefined {
  const node = { ...resolve(document, schema), ...objectOf(schema) }
  if (node['example'] !== undefined) return { value: node['example'] }
  if (node['default'] !== undefined) return { value: node['default'] }
  const [listed] = listOf(node['enum'])
  if (listed !== undefined) return { value: listed }
  const [branch] = [...listOf(node['oneOf']), ...listOf(node['anyOf'])]
  if (branch !== undefined) return exampleOf(document, branch)
  const [type] = typeof node['type'] === 'string' ? [node['type']] : textsOf(node['type'])
  switch (type) {
    case 'string':
      return exampleText(node)
    case 'integer':
    case 'number':
      return { value: numberAt(node, 'minimum', 1) }
    case 'boolean':
      return { value: true }
    case 'array':
      return exampleList(document, node)
    case 'object':
      return exampleObject(document, node)
    default:
      return undefined
  }
}

function exampleText(node: JsonObject): Example | undefined {
  const { format, pattern } = node
  if (format !== undefined) {
    const value = textsByFormat[textOf(format, 'format')]
    return value === undefined ? undefined : { value }
  }
  return pattern === undefined || new RegExp(String(pattern), 'u').test('a')
    ? { value: 'a'.repeat(numberAt(node, 'minLength', 1)) }
    : undefined
}

function exampleList(document: JsonObject, node: JsonObject): Example | undefined {
  const length = numberAt(node, 'minItems', 0)
  const item = exampleOf(document, node['items'])
  if (length === 0) return { value: [] }
  return item && { value: Array.from({ length }, () => item.value) }
}

function exampleObject(document: JsonObject, node: JsonObject): Example | undefined {
  const properties = objectOf(node['properties'])
  const members = textsOf(node['required']).map((name) => [name, exampleOf(document, properties[name])] as const)
  if (members.some(([, member]) => member === undefined)) return undefined
  return { value: Object.fromEntries(members.map(([name, member]) => [name, member?.value])) }
}

function numberAt(node: JsonObject, key: string, otherwise: number): number {
  const value = node[key]
  return typeof value === 'number' ? value : otherwise
}
