import {
  AbortedTransactionError,
  type CompiledQuery,
  type DatabaseConnection,
  type DatabaseIntrospector,
  type Dialect,
  type Driver,
  type Kysely,
  PostgresAdapter,
  PostgresIntrospector,
  PostgresQueryCompiler,
  type QueryResult,
  type TransactionSettings,
} from 'kysely'
import type { Engine } from './pglite-engine.ts'
import { Session } from './pglite-session.ts'

/** Kysely on the embedded engine, in PostgreSQL's own language. */
export class PgliteDialect implements Dialect {
  readonly #engine: Engine

  constructor(engine: Engine) {
    this.#engine = engine
  }

  createDriver(): Driver {
    return new PgliteDriver(this.#engine)
  }

  createQueryCompiler(): PostgresQueryCompiler {
    return new PostgresQueryCompiler()
  }

  createAdapter(): PostgresAdapter {
    return new PostgresAdapter()
  }

  createIntrospector(db: Kysely<unknown>): DatabaseIntrospector {
    return new PostgresIntrospector(db)
  }
}

class PgliteDriver implements Driver {
  readonly #engine: Engine

  constructor(engine: Engine) {
    this.#engine = engine
  }

  async init(): Promise<void> {}

  // A connection takes the engine only with its first statement, so any number of them may be out.
  async acquireConnection(): Promise<PgliteConnection> {
    return new PgliteConnection(new Session(this.#engine))
  }

  async releaseConnection(connection: PgliteConnection): Promise<void> {
    await connection.end()
  }

  async beginTransaction(connection: PgliteConnection, settings: TransactionSettings): Promise<void> {
    const words = ['start transaction']
    if (settings.isolationLevel !== undefined) words.push(`isolation level ${settings.isolationLevel}`)
    if (settings.accessMode !== undefined) words.push(settings.accessMode)
    await connection.command(words.join(' '))
  }

  async commitTransaction(connection: PgliteConnection): Promise<void> {
    if ((await connection.command('commit')) === 'ROLLBACK') throw new AbortedTransactionError()
  }

  async rollbackTransaction(connection: PgliteConnection): Promise<void> {
    await connection.end()
  }

  async savepoint(connection: PgliteConnection, name: string): Promise<void> {
    await connection.command(`savepoint ${identifier(name)}`)
  }

  async rollbackToSavepoint(connection: PgliteConnection, name: string): Promise<void> {
    await connection.command(`rollback to savepoint ${identifier(name)}`)
  }

  async releaseSavepoint(connection: PgliteConnection, name: string): Promise<void> {
    await connection.command(`release savepoint ${identifier(name)}`)
  }

  // The engine belongs to the Database, which closes it.
  async destroy(): Promise<void> {}
}

const countedCommands = new Set(['INSERT', 'UPDATE', 'DELETE', 'MERGE'])

class PgliteConnection implements DatabaseConnection {
  readonly #session: Session

  constructor(session: Session) {
    this.#session = session
  }

  // The caller names the type of its rows; a driver cannot check it.
  executeQuery<R>(query: CompiledQuery): Promise<QueryResult<R>>
  async executeQuery(query: CompiledQuery): Promise<QueryResult<unknown>> {
    const { command, rowCount, rows } = await this.#session.execute(query.sql, query.parameters)
    return countedCommands.has(command) ? { rows, numAffectedRows: BigInt(rowCount) } : { rows }
  }

  async *streamQuery<R>(query: CompiledQuery, chunkSize: number): AsyncIterableIterator<QueryResult<R>> {
    const { rows } = await this.executeQuery<R>(query)
    for (let start = 0; start < rows.length; start += chunkSize) yield { rows: rows.slice(start, start + chunkSize) }
  }

  /** Runs a command of the transaction and says which one the database completed. */
  async command(text: string): Promise<string> {
    return (await this.#session.execute(text, [])).command
  }

  end(): Promise<void> {
    return this.#session.end()
  }
}

function identifier(name: string): string {
  return `"${name.replaceAll('"', '""')}"`
}
