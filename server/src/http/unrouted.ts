import type { Operation } from '@owlery/spec'
import type { Context as HonoContext } from 'hono'
import type { Services } from '../services.ts'
import type { Route } from './bind.ts'
import { ApiError, problem, toApiError } from './problem.ts'
import type { Env } from './request.ts'
import { requestIdFrom } from './request-id.ts'
import { corsHeaders, preflight, secureHeaders } from './respond.ts'

/** What no operation answers: unknown paths, wrong methods, preflights, and faults outside the pipeline. */
export function answerUnrouted(
  hono: HonoContext<Env>,
  routes: readonly Route[],
  services: Services,
  error?: unknown,
): Response {
  const id = requestIdFrom(hono.req.header('x-request-id'))
  const origin = hono.req.header('origin')
  const here = error === undefined ? operationsAt(hono.req.path, routes) : []
  const methods = methodsOf(here)
  const corsOrigins = here.some(({ anyOrigin }) => anyOrigin) ? '*' : services.config.corsOrigins
  if (hono.req.method === 'OPTIONS' && methods.length > 0) return preflight(origin, corsOrigins, methods)
  const failure = failureFor(error, methods)
  if (failure.status >= 500) services.log.error({ requestId: id, code: failure.code, err: error }, 'request failed')
  services.metrics.observe('unrouted', failure.status, failure.code, 0)
  const reply = problem(failure, id)
  return new Response(reply.body, {
    status: reply.status,
    headers: { ...secureHeaders, ...corsHeaders(origin, corsOrigins), 'X-Request-Id': id, ...reply.headers },
  })
}

function failureFor(error: unknown, methods: readonly string[]): ApiError {
  if (error !== undefined) return toApiError(error)
  if (methods.length === 0) return new ApiError('NOT_FOUND')
  return new ApiError('METHOD_NOT_ALLOWED', { headers: { Allow: methods.join(', ') } })
}

function operationsAt(path: string, routes: readonly Route[]): Operation[] {
  const segments = split(path)
  return routes.flatMap(({ operation }) => (fits(split(operation.path), segments) ? [operation] : []))
}

function methodsOf(operations: readonly Operation[]): string[] {
  const methods = new Set(
    operations.flatMap(({ method }) => (method === 'get' ? ['GET', 'HEAD'] : method.toUpperCase())),
  )
  return methods.size === 0 ? [] : [...methods, 'OPTIONS'].sort()
}

function split(path: string): string[] {
  return path.replace(/\/$/, '').split('/')
}

function fits(template: readonly string[], segments: readonly string[]): boolean {
  return (
    template.length === segments.length &&
    template.every((part, position) => fitsSegment(part, segments[position] ?? ''))
  )
}

function fitsSegment(part: string, segment: string): boolean {
  if (!part.startsWith('{')) return part === segment
  const ending = part.slice(part.indexOf('}') + 1)
  return segment.length > ending.length && segment.endsWith(ending)
}
