import { Call } from './call.ts'
import { errorCodes, retryOf } from './generated/error-codes.ts'
import { codeSets, operations } from './generated/operations.ts'
import type { Client } from './generated/resources.ts'
import { type Operation, readRow, type Table, type Tables } from './operation.ts'
import type { ClientOptions } from './options.ts'
import { List, type QueryValues } from './pages.ts'
import { isRecord } from './record.ts'
import { send } from './request.ts'

export function createClient(options: ClientOptions): Client
// `Client` and the tables are generated from the same document, which is what makes this signature true.
export function createClient(options: ClientOptions): object {
  return clientOf({ operations, errorCodes, codeSets, retryOf }, options)
}

export function clientOf(tables: Tables, options: ClientOptions): object {
  const { origin, pathname } = new URL(options.baseUrl)
  const client = { ...options, baseUrl: origin + pathname.replace(/\/+$/, '') }
  const group = (table: Table, prefix: string): object =>
    Object.fromEntries(
      Object.entries(table).map(([name, entry]) => [
        name,
        typeof entry === 'string'
          ? method(client, readRow(tables, prefix + name, entry))
          : group(entry, `${prefix}${name}.`),
      ]),
    )
  return group(tables.operations, '')
}

/** Takes the path's ids, then the body, then the query, then the options; what the operation does not have is left out. */
function method(client: ClientOptions, operation: Operation) {
  return (...args: unknown[]) => {
    const rest = args.slice(operation.pathIds)
    const content = operation.takesBody ? rest.shift() : undefined
    const query = recordOf(operation.takesQuery ? rest.shift() : undefined)
    const options = recordOf(rest.shift())
    const fetchPage = async (values: QueryValues) => {
      const url = client.baseUrl + fillPath(operation, args) + queryString(values)
      return send(client, operation, { url, body: JSON.stringify(content), options })
    }
    const { pagination, id } = operation
    return pagination ? new List({ operationId: id, pagination, query, fetchPage }) : new Call(fetchPage(query))
  }
}

function recordOf(value: unknown): Record<string, unknown> {
  return isRecord(value) ? value : {}
}

function fillPath({ id, path }: Operation, args: unknown[]): string {
  let place = 0
  return path.replace(/\{(\w+)\}/g, (_, name) => encodeId(`${id}: ${name}`, args[place++]))
}

/** An id stays one segment of the path: an empty one, `.` or `..` would make it the path of another operation. */
function encodeId(where: string, value: unknown): string {
  const text = typeof value === 'string' || Number.isFinite(value) ? String(value) : ''
  if (['', '.', '..'].includes(text)) throw new TypeError(`${where} is not an id: ${JSON.stringify(value)}`)
  return encodeURIComponent(text)
}

function queryString(values: QueryValues): string {
  const search = new URLSearchParams()
  for (const [name, value] of Object.entries(values)) {
    for (const item of Array.isArray(value) ? value : [value]) {
      if (item !== undefined) search.append(name, String(item))
    }
  }
  return `?${search}`.replace(/^\?$/, '')
}
