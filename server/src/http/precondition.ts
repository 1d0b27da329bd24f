import { ApiError } from './problem.ts'
import type { Incoming } from './request.ts'

/** The tags of If-Match, for operations that heed it; `*` is any version. */
export function ifMatchOf(incoming: Incoming): string[] | undefined {
  if (incoming.route.reader === undefined) return undefined
  const header = incoming.hono.req.header('if-match')
  if (header === undefined) return undefined
  return header
    .slice(0, 1000)
    .split(',')
    .map((tag) => tag.trim())
}

/** Under If-Match the database refuses to change what changed since the snapshot: that is the precondition failing. */
export function fromSnapshotConflict(incoming: Incoming, error: unknown): unknown {
  const isConflict = error instanceof Error && 'code' in error && error.code === '40001'
  return isConflict && ifMatchOf(incoming) !== undefined ? new ApiError('PRECONDITION_FAILED') : error
}
