import { randomBytes } from 'node:crypto'

const sound = /^[A-Za-z0-9._-]{8,128}$/
const pool = { bytes: Buffer.alloc(0), offset: 0 }

/** The caller's own id if it is fit for a log line, else a fresh one. */
export function requestIdFrom(given: string | undefined): string {
  return given !== undefined && sound.test(given) ? given : freshRequestId()
}

/** Sorts by time in a log; the random part is drawn in bulk, because each draw costs more than the id itself. */
function freshRequestId(): string {
  if (pool.offset + 10 > pool.bytes.length) {
    pool.bytes = randomBytes(4096)
    pool.offset = 0
  }
  const random = pool.bytes.toString('hex', pool.offset, pool.offset + 10)
  pool.offset += 10
  return `${Date.now().toString(16).padStart(12, '0')}${random}`
}
