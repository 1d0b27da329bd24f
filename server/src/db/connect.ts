import type { Kysely } from 'kysely'
import { openPglite } from './pglite.ts'
import { openPostgres } from './postgres.ts'
import type { Tables } from './tables.ts'

export type PostgresTarget = { readonly kind: 'postgres'; readonly url: string; readonly poolSize: number }

/** `dataDir` is the database's alone; without it everything is in memory, begun from `snapshot` if there is one. */
export type PgliteTarget = {
  readonly kind: 'pglite'
  readonly dataDir?: string | undefined
  readonly snapshot?: Blob | undefined
}

export type Database = {
  readonly kind: 'postgres' | 'pglite'
  readonly db: Kysely<Tables>
  /** One line for the readiness page: what an acknowledged commit has been through. */
  readonly durability: string
  /**
   * Resolves, with the reason, once the database can no longer keep what it acknowledges. From then on it answers
   * nothing, and only a new start, which replays its log, knows again what is true.
   */
  readonly lost: Promise<Error>
  /** Whether it only reads, as the embedded one does while its disk is nearly full. As of the last statement. */
  readsOnly(): boolean
  /** Rejects if the database does not answer in time, or can no longer keep its promise of durability. */
  check(timeoutMs: number): Promise<void>
  pool(): { total: number; idle: number; waiting: number }
  /** For libraries that bring their own SQL. Without values the text may hold several statements. */
  executeSql(text: string, values?: readonly unknown[]): Promise<{ rows: Record<string, unknown>[] }>
  /** The upkeep that the database does not do by itself; call it every few minutes. */
  maintain(): Promise<void>
  close(): Promise<void>
}

export async function connect(target: PostgresTarget | PgliteTarget): Promise<Database> {
  return target.kind === 'postgres' ? openPostgres(target) : openPglite(target)
}
