import type { Tables } from '@owlery/server/db/tables.ts'
import type { Kysely } from 'kysely'

/** The same database, with a count of what was asked of it. */
export function countQueries(db: Kysely<Tables>): { readonly db: Kysely<Tables>; queries(): number } {
  let queries = 0
  const counting = db.withPlugin({
    transformQuery({ node }) {
      queries += 1
      return node
    },
    transformResult: async ({ result }) => result,
  })
  return { db: counting, queries: () => queries }
}
