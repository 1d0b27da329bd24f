import { DatabaseUnavailable } from './unavailable.ts'

const constraintStates = new Set(['23503', '23505', '23514', '23P01'])

/** The name of the constraint that refused a statement, for store functions to turn into a named outcome. */
export function violated(error: unknown): string | undefined {
  if (!(error instanceof Error) || !('constraint' in error)) return undefined
  if (!constraintStates.has(codeOf(error))) return undefined
  return typeof error.constraint === 'string' ? error.constraint : undefined
}

/** A transaction that keeps to one snapshot would have written a row that changed since. */
export function isSnapshotConflict(error: unknown): boolean {
  return error instanceof Error && codeOf(error) === '40001'
}

const networkCodes = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'ECONNABORTED',
  'EPIPE',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOTFOUND',
  'EAI_AGAIN',
])

// 08: connection exceptions. 53: the server is out of connections, memory or disk. 57P: it is stopping or starting.
// 57014 and 25P03 are our own time limits on statements and on idle transactions. 25006: writing is refused for now,
// by a standby or because the disk is nearly full.
const unavailableStates = /^(08...|53...|57P..|57014|25P03|25006)$/

// pg gives these no code.
const connectionMessages = [
  'timeout exceeded when trying to connect',
  'Connection terminated',
  'Client has encountered a connection error',
  'Cannot use a pool after calling end on the pool',
]

/** Whether an error says that the database is away or overloaded, which a caller should hear as a 503. */
export function isUnavailable(error: unknown): boolean {
  if (!(error instanceof Error)) return false
  if (error instanceof DatabaseUnavailable) return true
  const code = codeOf(error)
  if (networkCodes.has(code) || unavailableStates.test(code)) return true
  if (connectionMessages.some((message) => error.message.startsWith(message))) return true
  return error.cause !== undefined && error.cause !== error && isUnavailable(error.cause)
}

function codeOf(error: Error): string {
  return 'code' in error && typeof error.code === 'string' ? error.code : ''
}
