import { isObject, type JsonObject, listOf, objectOf, resolve, textOf, textsOf } from './json.ts'
import { namedSchema } from './schema-names.ts'

export type PaginationModel = {
  readonly style: string
  readonly parameter: string
  readonly key: string
  readonly items: string
  /** The page size when the caller names none; 0 where the document promises none. */
  readonly limit: number
}

export type OperationModel = {
  readonly id: string
  readonly method: string
  readonly path: string
  readonly pathIds: readonly string[]
  readonly summary: string
  readonly description: string
  readonly deprecated: boolean
  readonly idempotent: boolean
  readonly body: { readonly required: boolean; readonly type: string } | undefined
  readonly query: { readonly required: boolean } | undefined
  /** The TypeScript type of the JSON answer. */
  readonly json: string | undefined
  /** The TypeScript type of one item, where the answer is a page of a list. */
  readonly item: string
  /** Gives text always, or by `textSwitch`. Where Accept decides between text and JSON, the client asks for JSON. */
  readonly text: boolean
  /** The query parameter that asks for text in place of JSON, with its two groups of values. */
  readonly textSwitch:
    | { readonly name: string; readonly text: readonly string[]; readonly json: readonly string[] }
    | undefined
  readonly codes: readonly string[]
  readonly pagination: PaginationModel | undefined
}

const methods = ['get', 'head', 'post', 'put', 'patch', 'delete']

/** The operations that the client has, in the document's order. */
export function readOperations(document: JsonObject): OperationModel[] {
  return Object.entries(objectOf(document['paths'])).flatMap(([path, item]) =>
    methods
      .map((method) => ({ method, operation: objectOf(item)[method] }))
      .filter(({ operation }) => isObject(operation) && operation['x-client'] !== false)
      .map(({ method, operation }) => readOperation(document, method, path, objectOf(operation))),
  )
}

function readOperation(document: JsonObject, method: string, path: string, operation: JsonObject): OperationModel {
  const id = textOf(operation['operationId'], `${method} ${path}: operationId`)
  const parameters = listOf(operation['parameters']).map((parameter) => resolve(document, parameter))
  const query = parameters.filter((parameter) => parameter['in'] === 'query')
  const { schema, json, texts } = readSuccess(document, id, operation)
  const pagination = readPagination(id, operation, query)
  const textSwitch = json === undefined ? undefined : findTextSwitch(texts, query)
  return {
    id,
    method: method.toUpperCase(),
    path,
    pathIds: [...path.matchAll(/\{(\w+)\}/g)].map(([, name = '']) => name),
    summary: String(operation['summary'] ?? ''),
    description: String(operation['description'] ?? ''),
    deprecated: operation['deprecated'] === true,
    idempotent: operation['x-idempotent'] === true,
    body: readBody(document, id, operation),
    query: query.length > 0 ? { required: query.some((parameter) => parameter['required'] === true) } : undefined,
    json,
    item: itemType(resolve(document, schema), json ?? '', pagination),
    text: textSwitch !== undefined || (json === undefined && texts.length > 0),
    textSwitch,
    codes: readCodes(document, operation),
    pagination,
  }
}

function readBody(document: JsonObject, id: string, operation: JsonObject): OperationModel['body'] {
  if (operation['requestBody'] === undefined) return undefined
  const body = resolve(document, operation['requestBody'])
  const content = objectOf(objectOf(body['content'])['application/json'])
  if (content['schema'] === undefined) throw new Error(`${id}: the client can send JSON bodies only`)
  return { required: body['required'] === true, type: namedSchema(content['schema']) ?? `Body<'${id}'>` }
}

function readSuccess(document: JsonObject, id: string, operation: JsonObject) {
  const responses = Object.entries(objectOf(operation['responses'])).filter(([status]) => status.startsWith('2'))
  const [only] = responses
  if (only === undefined || responses.length > 1) throw new Error(`${id}: exactly one success is expected`)
  const content = objectOf(resolve(document, only[1])['content'])
  const texts = Object.keys(content).filter((type) => type !== 'application/json')
  const notText = texts.find((type) => !/^text\/|\b(xml|yaml|x-ndjson)$/.test(type))
  if (notText) throw new Error(`${id}: the client can give JSON or text, not ${notText}`)
  const schema = objectOf(content['application/json'])['schema']
  return { schema, json: schema === undefined ? undefined : (namedSchema(schema) ?? `Data<'${id}'>`), texts }
}

function itemType(schema: JsonObject, json: string, pagination: PaginationModel | undefined): string {
  const inObject = pagination?.style === 'cursor'
  const list = objectOf(inObject ? objectOf(schema['properties'])[pagination.items] : schema)
  return namedSchema(list['items']) ?? (inObject ? `${json}['${pagination.items}'][number]` : `${json}[number]`)
}

/** `?format=csv` asks for `text/csv`: the value is the content type's second half. */
function findTextSwitch(texts: readonly string[], query: readonly JsonObject[]): OperationModel['textSwitch'] {
  const names = texts.map((type) => type.replace(/^.*\//, ''))
  for (const parameter of query) {
    const values = textsOf(objectOf(parameter['schema'])['enum'])
    const text = values.filter((value) => names.includes(value))
    const json = values.filter((value) => !names.includes(value))
    if (text.length > 0) return { name: textOf(parameter['name'], 'parameter name'), text, json }
  }
  return undefined
}

function readCodes(document: JsonObject, operation: JsonObject): string[] {
  const codes = Object.entries(objectOf(operation['responses']))
    .filter(([status]) => !status.startsWith('2'))
    .flatMap(([, response]) => {
      const content = objectOf(resolve(document, response)['content'])
      const schema = resolve(document, objectOf(content['application/json'])['schema'])
      const variants = schema['oneOf'] === undefined ? [schema] : listOf(schema['oneOf'])
      return variants.flatMap((variant) => {
        const properties = objectOf(resolve(document, variant)['properties'])
        return textsOf(objectOf(properties['code'])['enum'])
      })
    })
  return [...new Set(codes)].sort()
}

function readPagination(id: string, operation: JsonObject, query: readonly JsonObject[]): PaginationModel | undefined {
  if (operation['x-pagination'] === undefined) return undefined
  const pagination = objectOf(operation['x-pagination'])
  const style = textOf(pagination['style'], `${id}: x-pagination.style`)
  const parameter = textOf(pagination['parameter'], `${id}: x-pagination.parameter`)
  if (!query.some(({ name }) => name === parameter)) throw new Error(`${id}: no query parameter ${parameter}`)
  const limit = objectOf(query.find(({ name }) => name === 'limit')?.['schema'])['default']
  const common = { style, parameter, key: '', items: '', limit: typeof limit === 'number' ? limit : 0 }
  switch (style) {
    case 'cursor':
      return {
        ...common,
        key: textOf(pagination['next'], `${id}: x-pagination.next`),
        items: textOf(pagination['items'], `${id}: x-pagination.items`),
      }
    case 'keyset':
      return { ...common, key: textOf(pagination['key'], `${id}: x-pagination.key`) }
    case 'offset':
      return common
    default:
      throw new Error(`${id}: the client does not know lists of the style ${style}`)
  }
}
