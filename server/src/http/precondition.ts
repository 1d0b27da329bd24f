import { isSnapshotConflict } from '../db/constraints.ts'
import { ApiError } from './problem.ts'
import type { Reply } from './reply.ts'
import type { Incoming } from './request.ts'

/** The tags of If-Match, for operations that heed it; `*` is any version. */
export function ifMatchOf(incoming: Incoming): string[] | undefined {
  if (incoming.route.reader === undefined) return undefined
  const header = incoming.hono.req.header('if-match')
  if (header === undefined) return undefined
  return tagsIn(header)
}

/** Where the record says so: who names the answer's tag in If-None-Match has its bytes already. */
export function unlessHeld(incoming: Incoming, reply: Reply): Reply {
  const { ETag } = reply.headers
  const header = incoming.hono.req.header('if-none-match')
  if (!incoming.route.operation.revalidates || ETag === undefined || header === undefined) return reply
  // A proxy that packs what passes through it weakens the tag; the content is the same.
  const held = tagsIn(header).map((tag) => tag.replace(/^W\//, ''))
  if (!held.includes('*') && !held.includes(ETag)) return reply
  // Whatever is not about the bytes: a cache takes it over, so a header that went back to the usual would spoil what
  // the cache keeps.
  const headers = Object.fromEntries(Object.entries(reply.headers).filter(([name]) => !/^content-(?!sec)/i.test(name)))
  return { status: 304, headers, body: null }
}

function tagsIn(header: string): string[] {
  return header
    .slice(0, 1000)
    .split(',')
    .map((tag) => tag.trim())
}

/** Under If-Match the database refuses to change what changed since the snapshot: that is the precondition failing. */
export function fromSnapshotConflict(incoming: Incoming, error: unknown): unknown {
  return isSnapshotConflict(error) && ifMatchOf(incoming) !== undefined ? new ApiError('PRECONDITION_FAILED') : error
}
