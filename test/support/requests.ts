import { at, type DocumentedOperation, type Json, type JsonObject, object } from './document.ts'
import { validSample } from './samples.ts'
import { origin } from './service.ts'

export function resolveInDocument(schema: JsonObject): JsonObject {
  return typeof schema.$ref === 'string' ? resolveInDocument(object(at(schema.$ref))) : schema
}

export function sampleBody(operation: DocumentedOperation): Json | undefined {
  return operation.bodySchema && validSample(operation.bodySchema, resolveInDocument)
}

/** The path with sample values, for operations whose parameters name nothing that belongs to anybody. */
export function samplePath(operation: DocumentedOperation): string {
  return operation.path.replaceAll(/\{(\w+)\}/g, (_, name: string) => {
    const parameter = operation.parameters.find((one) => one.in === 'path' && one.name === name)
    if (parameter === undefined) throw new Error(`${operation.id} does not describe {${name}}`)
    return encodeURIComponent(String(validSample(parameter.schema, resolveInDocument)))
  })
}

/** What the operation cannot do without in its query. */
export function sampleQuery(operation: DocumentedOperation): URLSearchParams {
  const query = new URLSearchParams()
  for (const { name, in: place, required, schema } of operation.parameters) {
    if (place === 'query' && required) query.set(name, String(validSample(schema, resolveInDocument)))
  }
  return query
}

export type Parts = {
  readonly path: string
  readonly query?: URLSearchParams
  /** Authorization, as it stands in the header. */
  readonly bearer?: string
  readonly headers?: Readonly<Record<string, string>>
  /** Instead of the sample of the document. */
  readonly body?: string | Uint8Array<ArrayBuffer> | ReadableStream<Uint8Array>
}

/** A request that fits the document, but for what `parts` says otherwise. */
export function requestTo(operation: DocumentedOperation, parts: Parts): Request {
  const url = new URL(parts.path, origin)
  url.search = (parts.query ?? sampleQuery(operation)).toString()
  const sample = sampleBody(operation)
  const body = parts.body ?? (sample === undefined ? undefined : JSON.stringify(sample))
  const headers = new Headers()
  if (sample !== undefined) headers.set('content-type', 'application/json')
  if (parts.bearer !== undefined) headers.set('authorization', `Bearer ${parts.bearer}`)
  for (const [name, value] of Object.entries(parts.headers ?? {})) headers.set(name, value)
  return new Request(url, {
    method: operation.method,
    headers,
    ...(body !== undefined && { body, duplex: 'half' }),
  })
}
