import type { Pagination } from './pages.ts'

export interface Table {
  readonly [name: string]: string | Table
}

/** What the generator knows of the API, as data. */
export interface Tables {
  readonly operations: Table
  readonly errorCodes: readonly string[]
  /** Each is a string of two-digit numbers in base 36, the places of the codes in `errorCodes`. */
  readonly codeSets: readonly string[]
  readonly retryOf: { readonly [code: string]: 'later' | 'same-key' }
}

export interface Operation {
  readonly id: string
  readonly method: string
  readonly path: string
  readonly pathIds: number
  readonly takesBody: boolean
  readonly takesQuery: boolean
  readonly givesJson: boolean
  readonly givesText: boolean
  /** Takes an Idempotency-Key, so that sending it twice does it once. */
  readonly idempotent: boolean
  readonly pagination: Pagination | undefined
  readonly codes: readonly (string | undefined)[]
  readonly retryOf: Tables['retryOf']
}

/**
 * Reads one row of the generated table: `METHOD path flags codeSet pagination`. Rows are strings because they are the
 * part of the client that grows with the API. `scripts/lib/client/table.ts` writes them; change both together.
 */
export function readRow({ errorCodes, codeSets, retryOf }: Tables, id: string, row: string): Operation {
  const [method = '', path = '', flags = '', codeSet = '', pagination] = row.split(' ')
  const places = codeSets[Number.parseInt(codeSet, 36)]?.match(/../g) ?? []
  return {
    id,
    method,
    path,
    pathIds: path.split('{').length - 1,
    takesBody: flags.includes('b'),
    takesQuery: flags.includes('q'),
    givesJson: flags.includes('j'),
    givesText: flags.includes('t'),
    idempotent: flags.includes('i'),
    pagination: pagination === undefined ? undefined : readPagination(pagination),
    codes: places.map((place) => errorCodes[Number.parseInt(place, 36)]),
    retryOf,
  }
}

function readPagination(text: string): Pagination {
  const [style = '', parameter = '', key = '', last = ''] = text.split(':')
  if (style === 'c') return { style: 'cursor', parameter, next: key, items: last }
  const limit = Number.parseInt(last, 10)
  return style === 'k' ? { style: 'keyset', parameter, key, limit } : { style: 'offset', parameter, limit }
}
