import { readFileSync } from 'node:fs'
import { parse } from 'yaml'

export type Json = string | number | boolean | null | Json[] | { [key: string]: Json }
export type JsonObject = { [key: string]: Json }

export const documentText = readFileSync(new URL('../../openapi.yaml', import.meta.url), 'utf8')
export const document = object(parse(documentText))

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

export function object(value: unknown): JsonObject {
  if (!isObject(value)) throw new Error('expected an object in the document')
  return value
}

export function list(value: unknown): Json[] {
  return Array.isArray(value) ? value : []
}

/** Follows `$ref`, however often. */
export function resolved(value: unknown): JsonObject {
  const node = object(value)
  if (typeof node.$ref !== 'string') return node
  return resolved(at(node.$ref))
}

export function at(pointer: string): Json | undefined {
  let node: Json | undefined = document
  for (const part of pointer.replace(/^#?\//, '').split('/')) {
    const key = part.replaceAll('~1', '/').replaceAll('~0', '~')
    if (Array.isArray(node)) node = node[Number(key)]
    else node = isObject(node) ? node[key] : undefined
  }
  return node
}

export function pointer(...keys: string[]): string {
  return `#/${keys.map((key) => key.replaceAll('~', '~0').replaceAll('/', '~1')).join('/')}`
}

export type Parameter = {
  readonly name: string
  readonly in: 'path' | 'query' | 'header'
  readonly required: boolean
  readonly schema: JsonObject
}

/** An operation as the document has it: what tests are generated from. */
export type DocumentedOperation = {
  readonly id: string
  readonly method: string
  readonly path: string
  readonly raw: JsonObject
  readonly isPublic: boolean
  readonly credentials: readonly string[]
  readonly scope: string | undefined
  readonly roles: readonly string[]
  readonly ownToken: string | undefined
  readonly parameters: readonly Parameter[]
  readonly bodySchema: JsonObject | undefined
  readonly bodyPointer: string | undefined
  /** Codes by status; an answer outside of it is a breach. */
  readonly codes: ReadonlyMap<number, readonly string[]>
  readonly successStatus: number
}

function toOperation(path: string, method: string, raw: JsonObject): DocumentedOperation {
  const security = list(raw.security).map(object)
  const token = security.find((one) => one.token !== undefined)
  const content = isObject(raw.requestBody) ? object(raw.requestBody.content) : undefined
  const responses = object(raw.responses)
  const success = Object.keys(responses).find((status) => status.startsWith('2'))
  const [scope] = list(token?.token)
  return {
    id: String(raw.operationId),
    method: method.toUpperCase(),
    path,
    raw,
    isPublic: security.length === 0,
    credentials: list(raw['x-credentials']).map(String),
    scope: scope === undefined ? undefined : String(scope),
    roles: list(raw['x-roles']).map(String),
    ownToken: raw['x-own-token'] === undefined ? undefined : String(raw['x-own-token']),
    parameters: list(raw.parameters).map(toParameter),
    bodySchema: content && object(object(content['application/json']).schema),
    bodyPointer: content && pointer('paths', path, method, 'requestBody', 'content', 'application/json', 'schema'),
    codes: new Map(Object.entries(responses).map(([status, response]) => [Number(status), codesOf(response)])),
    successStatus: Number(success),
  }
}

function toParameter(value: Json): Parameter {
  const { name, in: place, required, schema } = resolved(value)
  if (place !== 'path' && place !== 'query' && place !== 'header') throw new Error(`parameter in ${String(place)}`)
  return { name: String(name), in: place, required: required === true, schema: resolved(schema) }
}

function codesOf(response: Json): string[] {
  const content = resolved(response).content
  if (!isObject(content) || !isObject(content['application/json'])) return []
  const schema = resolved(content['application/json'].schema)
  const branches = Array.isArray(schema.oneOf) ? schema.oneOf.map(resolved) : [schema]
  return branches.flatMap((branch) => {
    const code = isObject(branch.properties) ? branch.properties.code : undefined
    return isObject(code) ? list(code.enum).map(String) : []
  })
}

export const operations: readonly DocumentedOperation[] = Object.entries(object(document.paths)).flatMap(
  ([path, item]) => Object.entries(object(item)).map(([method, raw]) => toOperation(path, method, object(raw))),
)

/** The operation that a request meant, literal segments before parameters. */
export function operationFor(method: string, path: string): DocumentedOperation | undefined {
  const segments = path.replace(/(.)\/$/, '$1').split('/')
  const there = operations.filter((one) => {
    const template = one.path.split('/')
    if (template.length !== segments.length) return false
    return template.every((part, position) => fitsSegment(part, segments[position] ?? ''))
  })
  const exact = there.filter((one) => one.method === method)
  const fitting = exact.length === 0 && method === 'HEAD' ? there.filter((one) => one.method === 'GET') : exact
  const literals = (one: DocumentedOperation) => one.path.split('/').filter((part) => !part.startsWith('{')).length
  return fitting.sort((a, b) => literals(b) - literals(a))[0]
}

/** `{id}.svg` fits what ends so. */
function fitsSegment(part: string, segment: string): boolean {
  if (!part.startsWith('{')) return part === segment
  const ending = part.slice(part.indexOf('}') + 1)
  return segment.length > ending.length && segment.endsWith(ending)
}
