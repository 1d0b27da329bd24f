import { text } from 'node:stream/consumers'
import { createLogTo } from '@owlery/server/log.ts'
import { createOutbound } from '@owlery/server/outbound/client.ts'
import { createGuard } from '@owlery/server/outbound/guard.ts'
import { createRegionCalls } from '@owlery/server/region-agent.calls.ts'
import { createRegionAgent } from '@owlery/server/region-agent.work.ts'
import { afterEach, expect, test, vi } from 'vitest'
import { startHttpSink } from '../support/sinks-http.ts'

/** What an agent does, seen from a service that says what the test tells it to. */

type Message = {
  readonly key: string
  readonly limit: number
  readonly results: readonly { readonly monitorId: number; readonly status: string; readonly ageMs: number }[]
  readonly givenBack: readonly { readonly monitorId: number; readonly afterMs: number }[]
}
type Said = { readonly status?: number; readonly body?: unknown; readonly retryAfter?: number }
type Script = Partial<Record<'agents' | 'claims' | 'results', (message: Message, times: number) => Said>>

const token = `obs_${'agent-token-of-this-test-'.repeat(3).slice(0, 43)}`
const guard = createGuard({ allow: [{ address: '127.0.0.0', prefix: 8, family: 'ipv4' }] })
const nameServers = { answer: async () => true, haveFallenSilent: async () => false }
const soon = { timeout: 20_000, interval: 10 }
const ends: (() => PromiseLike<unknown>)[] = []
afterEach(async () => {
  for (const end of ends.splice(0).toReversed()) await end()
})

async function target(answer: (path: string) => number | undefined) {
  const sink = await startHttpSink((request, response) => {
    const status = answer(request.url ?? '')
    if (status !== undefined) response.writeHead(status).end()
  })
  ends.push(() => sink[Symbol.asyncDispose]())
  return sink.url
}

async function run(script: Script, more: { atOnce?: number; silent?: boolean } = {}) {
  const heard: { readonly path: string; readonly message: Message; readonly bearer: string | undefined }[] = []
  const service = await startHttpSink((request, response) => {
    void text(request).then((body) => {
      const message: Message = JSON.parse(body)
      const path = request.url?.split('/').at(-1) ?? ''
      heard.push({ path, message, bearer: request.headers.authorization })
      const times = heard.filter((one) => one.path === path).length
      const said =
        path === 'agents'
          ? (script.agents?.(message, times) ?? { status: 201, body: { id: 1, key: `key-${times}` } })
          : path === 'claims'
            ? (script.claims?.(message, times) ?? { body: work([]) })
            : (script.results?.(message, times) ?? {
                body: { results: message.results.map(({ monitorId }) => ({ monitorId, outcome: 'accepted' })) },
              })
      response.writeHead(said.status ?? 200, {
        'content-type': 'application/json',
        ...(said.retryAfter !== undefined && { 'retry-after': String(said.retryAfter) }),
      })
      response.end(JSON.stringify(said.body))
    })
  })
  ends.push(() => service[Symbol.asyncDispose]())
  const logged: string[] = []
  const agent = createRegionAgent({
    config: { region: 'weur', name: 'probe-1', server: service.url },
    calls: createRegionCalls({ server: service.url, token }),
    checks: {
      guard,
      outbound: createOutbound({ guard }),
      nameServers: { ...nameServers, haveFallenSilent: async () => more.silent === true },
    },
    log: createLogTo({ write: (line) => void logged.push(line) }, 'debug'),
    ...(more.atOnce !== undefined && { atOnce: more.atOnce }),
  })
  const ended = agent.run()
  ends.push(() => agent.stop(200))
  const of = (path: string) => heard.filter((one) => one.path === path).map(({ message }) => message)
  const results = () => of('results').flatMap((message) => message.results ?? [])
  const givenBack = () => of('results').flatMap((message) => message.givenBack ?? [])
  return { agent, ended, heard, of, results, givenBack, logged }
}

const leaseUntil = '2026-05-13T18:01:00.000Z'

function work(urls: readonly string[], leaseMs = 60_000, headers: Record<string, string> | null = null) {
  const settings = { timeoutMs: 10_000, intervalSec: 60, expectedStatusCode: null, degradedResponseTimeMs: null }
  const checks = urls.map((url, index) => ({
    monitorId: index + 1,
    leaseUntil,
    type: 'http',
    url,
    ...settings,
    headers,
  }))
  return { leaseMs, checks }
}

/** The first claim gets these; later ones nothing. */
const once = (urls: readonly string[], leaseMs?: number) => (_: Message, times: number) => ({
  body: work(times === 1 ? urls : [], leaseMs),
})

test('checks what it claims, with its headers, and reports what it found', async () => {
  const url = await target((path) => (path === '/bad' ? 500 : 200))
  const { heard, results, logged } = await run({
    claims: (_, times) => ({
      body: work(times === 1 ? [`${url}/fine`, `${url}/bad`] : [], 60_000, { Authorization: 'Bearer of-the-shop' }),
    }),
  })
  await vi.waitFor(() => expect(results()).toHaveLength(2), soon)
  expect(results().toSorted((a, b) => a.monitorId - b.monitorId)).toMatchObject([
    { monitorId: 1, leaseUntil, status: 'up', statusCode: 200, errorMessage: null },
    { monitorId: 2, leaseUntil, status: 'down', statusCode: 500, errorMessage: 'the server answered 500' },
  ])
  // The token begins; after that the key is enough.
  expect(heard[0]).toMatchObject({ path: 'agents', bearer: `Bearer ${token}`, message: { region: 'weur' } })
  for (const { bearer, message } of heard.slice(1)) expect([bearer, message.key]).toEqual([undefined, 'key-1'])
  for (const secret of [token, 'key-1', 'of-the-shop']) expect(logged.join('')).not.toContain(secret)
})

test('gives back what fails here and not at the target', async () => {
  const { results, givenBack } = await run({ claims: once(['http://127.0.0.1:1/']) }, { silent: true })
  await vi.waitFor(() => expect(givenBack()).toEqual([{ monitorId: 1, leaseUntil, afterMs: 10_000 }]), soon)
  expect(results()).toEqual([])
})

test('keeps results while the service is away, and asks no sooner than it is told', async () => {
  const url = await target(() => 200)
  const at: number[] = []
  const { of, logged } = await run({
    claims: once([url]),
    results: (message, times) => {
      at.push(performance.now())
      if (times === 1) return { status: 503, body: { code: 'SERVICE_UNAVAILABLE', error: 'Away' }, retryAfter: 1 }
      return { body: { results: message.results.map(({ monitorId }) => ({ monitorId, outcome: 'accepted' })) } }
    },
  })
  await vi.waitFor(() => expect(of('results')).toHaveLength(2), soon)
  const [first, second] = of('results').map(({ results }) => results[0]?.ageMs ?? 0)
  expect((at[1] ?? 0) - (at[0] ?? 0)).toBeGreaterThan(950)
  expect((second ?? 0) - (first ?? 0)).toBeGreaterThan(900)
  await vi.waitFor(() => expect(logged.join('')).toContain('the service is back'), soon)
})

test('drops results whose claims have ended', async () => {
  const url = await target(() => 200)
  const { logged } = await run({ claims: once([url], 400), results: () => ({ status: 502, body: 'no JSON of ours' }) })
  await vi.waitFor(() => expect(logged.join('')).toContain('their claims have ended'), soon)
})

test('takes no more at once than it can hold, and no more of one host than is polite', async () => {
  let busy = 0
  let most = 0
  const sink = await startHttpSink((_request, response) => {
    busy += 1
    most = Math.max(most, busy)
    setTimeout(() => {
      busy -= 1
      response.end()
    }, 100)
  })
  ends.push(() => sink[Symbol.asyncDispose]())
  const { of, results, givenBack } = await run(
    { claims: ({ limit }, times) => ({ body: work(times < 4 ? Array(limit).fill(sink.url) : []) }) },
    { atOnce: 20 },
  )
  await vi.waitFor(() => expect(of('claims').length).toBeGreaterThan(4), soon)
  await vi.waitFor(() => expect(results().length).toBeGreaterThanOrEqual(20), soon)
  expect(most).toBe(10)
  expect(of('claims')[0]?.limit).toBe(20)
  for (const { limit } of of('claims')) expect(limit).toBeLessThanOrEqual(20)
  expect(givenBack().every(({ afterMs }) => afterMs === 1000)).toBe(true)
})

test('stopped, reports what it found and gives back the rest', async () => {
  const waiting: string[] = []
  const url = await target((path) => {
    waiting.push(path)
    return path === '/fine' ? 200 : undefined
  })
  const { agent, ended, givenBack, of } = await run({ claims: once([`${url}/fine`, `${url}/mute`]) })
  await vi.waitFor(() => expect(waiting).toHaveLength(2), soon)
  await agent.stop(2000)
  expect(await ended).toBeUndefined()
  expect(of('results').flatMap(({ results }) => results)).toMatchObject([{ monitorId: 1, status: 'up' }])
  expect(givenBack()).toEqual([{ monitorId: 2, leaseUntil, afterMs: 0 }])
})

test('begins anew when its key has ended', async () => {
  const { heard, of } = await run({
    claims: ({ key }) =>
      key === 'key-1'
        ? { status: 401, body: { code: 'REGION_KEY_INVALID', error: 'Invalid key' } }
        : { body: work([]) },
  })
  await vi.waitFor(() => expect(of('claims').at(-1)?.key).toBe('key-2'), soon)
  expect(heard.filter(({ path }) => path === 'agents').map(({ bearer }) => bearer)).toEqual([
    `Bearer ${token}`,
    `Bearer ${token}`,
  ])
})

test('waits for a service that is not there yet, and ends where it is not wanted', async () => {
  const { ended, of } = await run({
    agents: (_, times) =>
      times === 1
        ? { status: 503, body: { code: 'SERVICE_UNAVAILABLE', error: 'Away' } }
        : {
            status: 403,
            body: { code: 'ROLE_INSUFFICIENT', error: 'This needs the role admin or above\nforged line' },
          },
  })
  expect(await ended).toMatch(/does not let this agent begin: it answered 403 ROLE_INSUFFICIENT .* forged line$/)
  expect(of('agents')).toHaveLength(2)
  expect(of('claims')).toEqual([])
})

test('follows no redirect with its token', async () => {
  const stolen: unknown[] = []
  const elsewhere = await startHttpSink((request, response) => {
    stolen.push(request.headers.authorization)
    response.end()
  })
  ends.push(() => elsewhere[Symbol.asyncDispose]())
  const service = await startHttpSink((_request, response) => {
    response.writeHead(307, { location: elsewhere.url }).end()
  })
  ends.push(() => service[Symbol.asyncDispose]())
  const calls = createRegionCalls({ server: service.url, token })
  expect(await calls.start({ region: 'weur', name: 'probe-1', version: '1' })).toMatchObject({ kind: 'refused' })
  expect(stolen).toEqual([])
})
