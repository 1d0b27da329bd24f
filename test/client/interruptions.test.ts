import { getEventListeners } from 'node:events'
import { expect, test, vi } from 'vitest'
import { AbortError, TimeoutError } from '../../client/src/errors.ts'
import { startLoopback } from './loopback.ts'
import { sampleClient } from './sample-client.ts'

test('an abort ends a running attempt at once and is not retried', async () => {
  await using server = await startLoopback(() => ({ json: {}, delayMs: 5_000 }))
  const controller = new AbortController()
  const { issues } = sampleClient({ baseUrl: server.baseUrl }).telemetry
  const call = issues.get(1, 2, { signal: controller.signal })
  setTimeout(() => controller.abort('enough'), 50)
  const started = performance.now()
  const error = await call.catch((reason) => reason)
  expect(performance.now() - started).toBeLessThan(1_000)
  expect(error).toBeInstanceOf(AbortError)
  expect(error).toMatchObject({ message: 'telemetry.issues.get: aborted by the caller', cause: 'enough' })
  expect(server.seen).toHaveLength(1)
})

test('an abort ends the pause between two attempts', async () => {
  await using server = await startLoopback(() => ({ status: 503, headers: { 'retry-after': '30' } }))
  const controller = new AbortController()
  const call = sampleClient({ baseUrl: server.baseUrl }).telemetry.issues.get(1, 2, { signal: controller.signal })
  await vi.waitFor(() => expect(server.seen).toHaveLength(1))
  await new Promise((resolve) => setTimeout(resolve, 100))
  controller.abort()
  await expect(call).rejects.toThrow(AbortError)
  expect(server.seen).toHaveLength(1)
})

test('a signal that is aborted already sends nothing, not even for .result()', async () => {
  await using server = await startLoopback(() => ({ json: {} }))
  const call = sampleClient({ baseUrl: server.baseUrl }).telemetry.issues.get(1, 2, { signal: AbortSignal.abort() })
  await expect(call.result()).rejects.toThrow(AbortError)
  expect(server.seen).toHaveLength(0)
})

test('a signal that outlives many calls keeps no listener of theirs', async () => {
  await using server = await startLoopback((_, place) => (place % 2 === 0 ? { status: 503 } : { json: {} }))
  vi.spyOn(Math, 'random').mockReturnValue(0)
  const { signal } = new AbortController()
  const { issues } = sampleClient({ baseUrl: server.baseUrl }).telemetry
  for (let call = 0; call < 5; call++) await issues.get(1, 2, { signal })
  vi.restoreAllMocks()
  expect(server.seen).toHaveLength(10)
  expect(getEventListeners(signal, 'abort')).toHaveLength(0)
})

test('every attempt has its own time', async () => {
  await using server = await startLoopback((_, place) =>
    place < 2 ? { json: {}, delayMs: 2_000 } : { json: { id: 1 } },
  )
  vi.spyOn(Math, 'random').mockReturnValue(0)
  const client = sampleClient({ baseUrl: server.baseUrl, timeoutMs: 150 })
  expect(await client.telemetry.issues.get(1, 2)).toEqual({ id: 1 })
  vi.restoreAllMocks()
  expect(server.seen).toHaveLength(3)
})

test('the time counts until the whole body is there', async () => {
  await using server = await startLoopback(() => ({ json: { id: 'long enough' }, delayMs: 2_000, stall: true }))
  const { issues } = sampleClient({ baseUrl: server.baseUrl }).telemetry
  const error = await issues.get(1, 2, { timeoutMs: 150, maxRetries: 0 }).catch((reason) => reason)
  expect(error).toBeInstanceOf(TimeoutError)
  expect(error).toHaveProperty('message', 'telemetry.issues.get: no complete answer within 150 ms')
})

test('a change that may have been done is not sent again after a timeout', async () => {
  await using server = await startLoopback(() => ({ json: {}, delayMs: 2_000 }))
  const { sessions } = sampleClient({ baseUrl: server.baseUrl, timeoutMs: 100 }).platform
  await expect(sessions.create({ email: 'x' })).rejects.toThrow(TimeoutError)
  expect(server.seen).toHaveLength(1)
})
