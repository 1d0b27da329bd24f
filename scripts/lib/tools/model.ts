import { isObject, type JsonObject, listOf, objectOf, resolve, textOf, textsOf } from '../client/json.ts'
import { exampleOf } from './example.ts'
import { shortened, toolSchema } from './schema.ts'

/** Where an argument of the tool goes in the request. Without `name` it is the whole body. */
export type Placement = { readonly in: 'path' | 'query' | 'body'; readonly name?: string }

/** An operation as a tool, before any format. */
export type Tool = {
  readonly name: string
  readonly description: string
  /** JSON Schema of all arguments in one object. */
  readonly parameters: JsonObject
  readonly placements: Readonly<Record<string, Placement>>
  readonly example: JsonObject
  readonly operationId: string
  readonly method: string
  readonly path: string
  readonly use: 'read' | 'write'
  readonly scope: string | null
  readonly idempotent: boolean
}

const toolName = /^[a-zA-Z0-9_-]{1,64}$/
const argumentName = /^[a-zA-Z0-9_.-]{1,64}$/
/** OpenAI refuses a request with a longer one. */
const longestDescription = 1024

/** The operations that the document gives to agents, in its order. */
export function readTools(document: JsonObject): Tool[] {
  const tools = Object.entries(objectOf(document['paths'])).flatMap(([path, item]) =>
    Object.entries(objectOf(item)).flatMap(([method, operation]) => {
      const use = objectOf(operation)['x-agent']
      return use === 'read' || use === 'write' ? [readTool(document, method, path, use, objectOf(operation))] : []
    }),
  )
  const names = tools.map(({ name }) => name)
  const twice = names.find((name, index) => names.indexOf(name) !== index)
  if (twice !== undefined) throw new Error(`two tools would be called ${twice}`)
  return tools
}

function readTool(
  document: JsonObject,
  method: string,
  path: string,
  use: 'read' | 'write',
  operation: JsonObject,
): Tool {
  const operationId = textOf(operation['operationId'], `${method} ${path}: operationId`)
  const name = operationId.replaceAll('.', '_')
  if (!toolName.test(name)) throw new Error(`a tool cannot be called ${name}`)
  const scope = scopeOf(operation)
  const allArguments = named(readArguments(document, operation))
  return {
    name,
    description: describe(operation, use, scope),
    parameters: {
      type: 'object',
      properties: Object.fromEntries(allArguments.map((one) => [one.key, one.schema])),
      required: allArguments.filter(({ required }) => required).map(({ key }) => key),
      additionalProperties: false,
    },
    placements: Object.fromEntries(allArguments.map(({ key, placement }) => [key, placement])),
    example: Object.fromEntries(
      allArguments.flatMap(({ key, required, example }) => {
        if (example !== undefined) return [[key, example.value]]
        if (required) throw new Error(`${operationId} has no example of ${key}`)
        return []
      }),
    ),
    operationId,
    method: method.toUpperCase(),
    path,
    use,
    scope,
    idempotent: operation['x-idempotent'] === true,
  }
}

type Argument = {
  readonly placement: Placement
  readonly required: boolean
  readonly schema: JsonObject
  /** What the example call sends; absent where it leaves the argument out. */
  readonly example: { readonly value: unknown } | undefined
}

/** Header parameters are the caller's business, not the model's. */
function readArguments(document: JsonObject, operation: JsonObject): Argument[] {
  const parameters = listOf(operation['parameters']).map((parameter) => resolve(document, parameter))
  const inPlace = (place: 'path' | 'query') =>
    parameters
      .filter((parameter) => parameter['in'] === place)
      .map((parameter) => fromParameter(document, parameter, place))
  return [...inPlace('path'), ...inPlace('query'), ...fromBody(document, operation)]
}

function fromParameter(document: JsonObject, parameter: JsonObject, place: 'path' | 'query'): Argument {
  const required = parameter['required'] === true
  const { example, schema, description } = parameter
  const given = example === undefined ? exampleOf(document, schema) : { value: example }
  return {
    placement: { in: place, name: textOf(parameter['name'], 'parameter name') },
    required,
    schema: toolSchema(document, { ...objectOf(schema), ...(description !== undefined && { description }) }),
    example: required ? given : undefined,
  }
}

/** The members of a body become arguments of their own; one that is optional or no closed object stays whole. */
function fromBody(document: JsonObject, operation: JsonObject): Argument[] {
  if (operation['requestBody'] === undefined) return []
  const body = resolve(document, operation['requestBody'])
  const { schema } = objectOf(objectOf(body['content'])['application/json'])
  const node = resolve(document, schema)
  const example = exampleOf(document, schema)
  const isClosed = node['additionalProperties'] === undefined || node['additionalProperties'] === false
  const hasBranches = node['oneOf'] !== undefined || node['anyOf'] !== undefined
  const required = body['required'] === true
  if (!required || !isClosed || hasBranches || node['type'] !== 'object') {
    return [{ placement: { in: 'body' }, required, schema: toolSchema(document, schema), example }]
  }
  const values = objectOf(example?.value)
  return Object.entries(objectOf(node['properties'])).map(([name, member]) => ({
    placement: { in: 'body', name },
    required: textsOf(node['required']).includes(name),
    schema: toolSchema(document, member),
    example: name in values ? { value: values[name] } : undefined,
  }))
}

/** Each argument under its own name; of two with the same one, the later says where it stands. */
function named(allArguments: readonly Argument[]): (Argument & { readonly key: string })[] {
  const taken = new Set<string>()
  return allArguments.map((one) => {
    const plain = one.placement.name ?? 'body'
    const key = [plain, `${one.placement.in}_${plain}`].find((candidate) => !taken.has(candidate))
    if (key === undefined || !argumentName.test(key)) throw new Error(`an argument cannot be called ${plain}`)
    taken.add(key)
    return { ...one, key }
  })
}

function scopeOf(operation: JsonObject): string | null {
  const [scope] = listOf(operation['security'])
    .filter(isObject)
    .flatMap((one) => textsOf(one['token']))
  return scope ?? null
}

function describe(operation: JsonObject, use: 'read' | 'write', scope: string | null): string {
  const summary = String(operation['summary'] ?? '')
  const facts = [
    use === 'write' ? 'Changes data.' : 'Only reads.',
    scope === null ? 'Any token may call it.' : `The token needs the scope ${scope}.`,
  ].join(' ')
  const text = `${/[.!?]$/.test(summary) ? summary : `${summary}.`} ${String(operation['description'] ?? '')}`
  return `${shortened(text.replaceAll(/\s+/g, ' ').trim(), longestDescription - facts.length - 1)} ${facts}`
}
