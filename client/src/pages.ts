import { Call, type Reply } from './call.ts'
import type { OperationId } from './operation-types.ts'
import { isRecord } from './record.ts'

/**
 * How a list continues. A cursor list is an object with its items and a next cursor, null at the end; the other two are
 * bare arrays, newest first, and end with a page shorter than `limit` (0 where the operation has no limit to fall short of).
 */
export type Pagination =
  | { readonly style: 'cursor'; readonly parameter: string; readonly next: string; readonly items: string }
  | { readonly style: 'keyset'; readonly parameter: string; readonly key: string; readonly limit: number }
  | { readonly style: 'offset'; readonly parameter: string; readonly limit: number }

export type QueryValues = Readonly<Record<string, unknown>>

export interface PageSource<Page> {
  readonly operationId: string
  readonly pagination: Pagination
  readonly query: QueryValues
  readonly fetchPage: (query: QueryValues) => Promise<Reply<Page>>
}

/** `await` it for one page, or `for await` over it for every item; further pages are asked for as they are needed. */
export class List<Page, Item, Id extends OperationId> extends Call<Page, Id> implements AsyncIterable<Item> {
  readonly #source: PageSource<Page>

  constructor(source: PageSource<Page>) {
    super(source.fetchPage(source.query))
    this.#source = source
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Item, void, undefined> {
    for await (const page of this.pages()) yield* itemsOf<Item>(this.#source, page)
  }

  async *pages(): AsyncGenerator<Page, void, undefined> {
    const { operationId, pagination, fetchPage } = this.#source
    let { query } = this.#source
    let page: Page = await this
    const asked = new Set([query[pagination.parameter]])
    for (;;) {
      yield page
      const next = nextPosition(this.#source, query, page)
      if (next === undefined || next === null) return
      // Without this, a server that repeats itself would keep the caller's loop running for ever.
      if (asked.has(next)) throw new Error(`${operationId}: the server gave the position ${String(next)} twice`)
      asked.add(next)
      query = { ...query, [pagination.parameter]: next }
      page = (await fetchPage(query)).data
    }
  }
}

function nextPosition(source: PageSource<unknown>, query: QueryValues, page: unknown): unknown {
  const { pagination } = source
  if (pagination.style === 'cursor') return isRecord(page) ? page[pagination.next] : undefined
  const items = itemsOf<unknown>(source, page)
  if (items.length === 0 || items.length < Number(query['limit'] ?? pagination.limit)) return undefined
  if (pagination.style === 'offset') return Number(query[pagination.parameter] ?? 0) + items.length
  const last = items.at(-1)
  // Not the end of the list: stopping here would silently leave out the rest.
  if (!isRecord(last) || !(pagination.key in last)) {
    throw new TypeError(`${source.operationId}: the last item has no ${pagination.key} to go on from`)
  }
  return last[pagination.key]
}

function itemsOf<Item>({ operationId, pagination }: PageSource<unknown>, page: unknown): Item[] {
  const items = pagination.style === 'cursor' && isRecord(page) ? page[pagination.items] : page
  if (!Array.isArray(items)) throw new TypeError(`${operationId}: this answer is not a list`)
  return items
}
