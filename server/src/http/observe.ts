import type { ApiError } from './problem.ts'
import type { Incoming } from './request.ts'

/** What the log and the metrics learn of a request: never its body, its query or its credential. */
export const observe = {
  answer(incoming: Incoming, status: number): void {
    const { route, services, id, actor, code, startedAt, address } = incoming
    const ms = performance.now() - startedAt
    services.metrics.observe(route.id, status, code, ms / 1000)
    services.log.info(
      { requestId: id, operation: route.id, status, code, actor, address, ms: Math.round(ms * 100) / 100 },
      'request',
    )
  },

  failure(incoming: Incoming, failure: ApiError, cause: unknown): void {
    incoming.code = failure.code
    if (failure.status < 500) return
    incoming.services.log.error(
      { requestId: incoming.id, operation: incoming.route.id, code: failure.code, err: cause },
      'request failed',
    )
  },
}
