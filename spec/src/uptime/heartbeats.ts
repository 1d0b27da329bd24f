import { operation } from '../operation.ts'
import { anyone } from '../policy.ts'
import { z } from '../primitives.ts'

// Nothing but the length is said here: a malformed token is as unknown as any other, so that nobody learns what one
// looks like. The length is more than a request line holds.
const params = z.strictObject({
  token: z.string().min(1).max(16384).openapi({
    description: 'The token of the heartbeat monitor, 64 hexadecimal digits.',
    example: '5f2c8a1e9b7d4c3f6a0e8d1b2c4f7a9e5d3b1c8f6e4a2d0b9c7e5f3a1d8b6c4e',
  }),
})

const reception = {
  origin: '24observe',
  access: anyone,
  limit: 'heartbeat',
  params,
  success: { status: 204, description: 'Received.' },
  errors: ['NOT_FOUND'],
  batched: true,
} as const

export const heartbeats = {
  ping: operation({
    ...reception,
    method: 'post',
    path: '/api/v1/heartbeats/{token}',
    summary: 'Send a heartbeat',
    description:
      'Tells the monitor that its job has run. It is up from now on, and its incident is resolved; while it is paused the heartbeat is only noted. A body is not read. Once this is answered it is stored.',
  }),
  pingByHead: operation({
    ...reception,
    method: 'head',
    path: '/api/v1/heartbeats/{token}',
    summary: 'Send a heartbeat with HEAD',
    description: 'The same as POST, for tools that can do no more.',
    client: false,
  }),
}
