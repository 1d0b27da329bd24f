import { operation } from '../operation.ts'
import { anyone } from '../policy.ts'
import { timestamp, z } from '../primitives.ts'

const Alive = z
  .object({ status: z.enum(['ok']) })
  .openapi('Alive', { description: 'The process answers.', example: { status: 'ok' } })

const Dependency = z
  .object({
    status: z.enum(['ok', 'degraded', 'unavailable']),
    detail: z.string().optional(),
  })
  .openapi('Dependency', {
    description: 'One thing the service stands on.',
    example: { status: 'ok', detail: 'postgres' },
  })

const Ready = z
  .object({ status: z.enum(['ok', 'degraded']), dependencies: z.record(z.string(), Dependency) })
  .openapi('Ready', {
    description: 'Requests can be served.',
    example: { status: 'ok', dependencies: { database: { status: 'ok', detail: 'postgres' } } },
  })

const NotReady = z
  .object({
    error: z.string(),
    code: z.enum(['SERVICE_UNAVAILABLE']),
    requestId: z.string(),
    status: z.enum(['unavailable']),
    dependencies: z.record(z.string(), Dependency),
  })
  .openapi('NotReady', {
    description: 'Requests cannot be served now: an error like any other, with the states beside it.',
    example: {
      error: 'The service is not available right now',
      code: 'SERVICE_UNAVAILABLE',
      requestId: '01J0000000000000000000000',
      status: 'unavailable',
      dependencies: { database: { status: 'unavailable', detail: 'connection refused' } },
    },
  })

const Version = z
  .object({
    name: z.string(),
    version: z.string(),
    contract: z.string().openapi({ description: 'SHA-256 of the served openapi.yaml.' }),
    startedAt: timestamp,
  })
  .openapi('Version', {
    description: 'What runs here.',
    example: {
      name: 'owlery',
      version: '0.1.0',
      contract: 'b94d27b9934d3e08a52e52d7da7dabfac484efe37a5380ee9088f7ace2efcde9',
      startedAt: '2026-05-13T18:00:00.000Z',
    },
  })

const open = { access: anyone, limit: null, errors: [], offline: true } as const

export const health = {
  live: operation({
    ...open,
    method: 'get',
    path: '/health/live',
    summary: 'Is the process alive',
    description: 'Touches nothing else.',
    origin: '24observe',
    success: { status: 200, description: 'Alive.', body: Alive },
  }),
  ready: operation({
    ...open,
    method: 'get',
    path: '/health/ready',
    summary: 'Can requests be served',
    description:
      'Asks every dependency and answers 503 while one that requests need is `unavailable`, or while the server shuts down. `database`: `unavailable` while it does not answer, or can no longer keep what it acknowledged, and `degraded` while its disk is so full that it only reads. `checks`, in processes that check monitors: `unavailable` while monitors are no longer checked, because the scheduler has stalled. `limits`, where requests are limited: `degraded` while the processes cannot share their counters and each counts for itself. `degraded` is still 200.',
    origin: '24observe',
    success: { status: 200, description: 'Ready.', body: Ready },
    otherwise: { status: 503, description: 'Not ready.', body: NotReady },
  }),
  metrics: operation({
    ...open,
    method: 'get',
    path: '/metrics',
    summary: 'Metrics for Prometheus',
    description: 'Asks for a bearer token if the operator has set one.',
    origin: '24observe',
    success: { status: 200, description: 'The exposition format.', texts: ['text/plain'] },
    errors: ['UNAUTHORIZED'],
  }),
  version: operation({
    ...open,
    method: 'get',
    path: '/version',
    summary: 'What runs here',
    description: 'The version of the service and the fingerprint of its contract.',
    origin: '24observe',
    success: { status: 200, description: 'The version.', body: Version },
  }),
}
