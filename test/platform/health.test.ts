import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { setTimeout } from 'node:timers/promises'
import { createApp } from '@owlery/server/app.ts'
import { compose } from '@owlery/server/compose.ts'
import { connect } from '@owlery/server/db/connect.ts'
import { afterAll, describe, expect, it, test } from 'vitest'
import { conformingFetch, type Fetch } from '../support/conforming-fetch.ts'
import { at, object } from '../support/document.ts'
import { freshService, origin } from '../support/service.ts'

const service = await freshService()
const { health } = service.client().platform
const metricsToken = 'only-for-the-collector-of-metrics'

/** The same service, whose database nobody answers for: the port of discard, where nothing listens. */
const absent = await connect({ kind: 'postgres', url: 'postgres://nobody@127.0.0.1:9/nothing', poolSize: 1 })
afterAll(() => absent.close())
const cutOff = conformingFetch(
  createApp(
    await compose({
      config: { ...service.services.config, metricsToken },
      clock: service.clock,
      log: service.services.log,
      database: absent,
      isStopping: () => false,
    }),
  ),
  { checkRequests: true },
)

function get(fetch: Fetch, path: string, headers: Readonly<Record<string, string>> = {}): Promise<Response> {
  return fetch(origin + path, { headers })
}

describe('the process', () => {
  it('is alive with and without its database', async () => {
    expect(await health.live()).toEqual({ status: 'ok' })
    expect((await get(cutOff, '/health/live')).status).toBe(200)
    expect((await get(cutOff, '/docs/errors')).status).toBe(200)
  })

  it('says which version and which contract it runs', async () => {
    const manifest: unknown = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'))
    const served = new Uint8Array(await (await get(service.fetch, '/openapi.yaml')).arrayBuffer())
    const told = await health.version()
    expect(manifest).toMatchObject({ name: told.name, version: told.version })
    expect(told.contract).toBe(createHash('sha256').update(served).digest('hex'))
    expect(told.startedAt).toBe(service.services.startedAt.toISOString())
  })
})

describe('readiness', () => {
  it('names the database and what a commit has been through', async () => {
    const { kind, durability } = service.services.database
    expect(await health.ready()).toEqual({
      status: 'ok',
      dependencies: { database: { status: 'ok', detail: `${kind}: ${durability}` } },
    })
  })

  it('ends when the server begins to stop, while requests are still served', async () => {
    service.stopping = true
    const answer = await get(service.fetch, '/health/ready')
    expect(answer.status).toBe(503)
    expect(await answer.json()).toMatchObject({
      code: 'SERVICE_UNAVAILABLE',
      error: 'The server is shutting down',
      status: 'unavailable',
      dependencies: { database: { status: 'ok' } },
    })
    expect(await health.live()).toEqual({ status: 'ok' })
    service.stopping = false
    expect((await health.ready()).status).toBe('ok')
  })

  it('ends while the database is away, and tells nobody where it should be', async () => {
    const answer = await get(cutOff, '/health/ready')
    const body = await answer.text()
    expect(answer.status).toBe(503)
    expect(JSON.parse(body)).toMatchObject({
      code: 'SERVICE_UNAVAILABLE',
      requestId: answer.headers.get('x-request-id'),
      dependencies: { database: { status: 'unavailable' } },
    })
    expect(body).not.toMatch(/127\.0\.0\.1|nobody|nothing|ECONNREFUSED/)
  })

  it('names every part it stands on with a word that the document explains', async () => {
    const { engine } = service.services
    const degraded = { status: 'degraded', detail: 'redis does not answer: each process counts for itself' } as const
    const requestLimits = {
      takeForAddress: () => Promise.reject(new Error('readiness takes nothing')),
      takeForIdentity: () => Promise.reject(new Error('readiness takes nothing')),
      state: () => degraded,
      close: async () => undefined,
    }
    const ready = async (state: 'running' | 'stalled') => {
      const app = createApp({ ...service.services, requestLimits, engine: { ...engine, state: () => state } })
      const answer = await get(conformingFetch(app, { checkRequests: true }), '/health/ready')
      return { status: answer.status, body: object(await answer.json()) }
    }
    const running = await ready('running')
    expect(running).toMatchObject({ status: 200, body: { status: 'degraded', dependencies: { limits: degraded } } })
    const stalled = await ready('stalled')
    expect(stalled).toMatchObject({ status: 503, body: { dependencies: { checks: { status: 'unavailable' } } } })
    const explained = String(at('paths/~1health~1ready/get/description'))
    for (const name of Object.keys(object(stalled.body.dependencies))) expect(explained).toContain(`\`${name}\``)
    for (const state of ['unavailable', 'degraded']) expect(explained).toContain(`\`${state}\``)
  })

  it('says when the disk of the embedded database leaves no room to write, while reads go on', async () => {
    const database = { ...service.services.database, readsOnly: () => true }
    const app = createApp({ ...service.services, database })
    const answer = await get(conformingFetch(app, { checkRequests: true }), '/health/ready')
    expect(answer.status).toBe(200)
    expect(await answer.json()).toMatchObject({
      status: 'degraded',
      dependencies: { database: { status: 'degraded', detail: expect.stringContaining('disk') } },
    })
  })

  it('is not asked by callers: what needs the database says itself when to try again', async () => {
    const answer = await get(cutOff, '/api/v1/me', { authorization: `Bearer obs_${'x'.repeat(43)}` })
    expect(answer.status).toBe(503)
    expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0)
    expect(await answer.json()).toMatchObject({ code: 'SERVICE_UNAVAILABLE' })
  })
})

type Sample = { readonly name: string; readonly labels: Readonly<Record<string, string>>; readonly value: number }

const labelPattern = '[a-zA-Z_][a-zA-Z0-9_]*="(?:[^"\\\\\\n]|\\\\["\\\\n])*"'
// The format takes what Go reads as a number, whatever its case; this library writes `Nan` where it has seen nothing.
const samplePattern = new RegExp(
  `^([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\\{(${labelPattern}(?:,${labelPattern})*),?\\})? (NaN|Nan|[+-]Inf|[+-]?[0-9.]+(?:e[+-]?[0-9]+)?)$`,
)

/** The exposition format, line by line; a line that is none of it throws. */
function parseExposition(text: string): Sample[] {
  const families = new Set<string>()
  const samples: Sample[] = []
  expect(text.endsWith('\n')).toBe(true)
  for (const line of text.split('\n')) {
    const [, family] = /^# TYPE (\S+) (?:counter|gauge|histogram|summary|untyped)$/.exec(line) ?? []
    if (family !== undefined) families.add(family)
    if (family !== undefined || line === '' || /^# HELP \S+ .+$/.test(line)) continue
    const [, name, given = '', value = ''] = samplePattern.exec(line) ?? []
    if (name === undefined) throw new Error(`not a line of the format: ${line}`)
    if (!families.has(name) && !families.has(name.replace(/_(bucket|sum|count)$/, ''))) {
      throw new Error(`${name} has no type`)
    }
    const pairs = given.match(new RegExp(labelPattern, 'g')) ?? []
    const labels = Object.fromEntries(
      pairs.map((pair) => [pair.split('=')[0] ?? '', pair.slice(pair.indexOf('"') + 1, -1)]),
    )
    samples.push({ name, labels, value: Number(value.replace('Inf', 'Infinity')) })
  }
  return samples
}

async function readMetrics(): Promise<Sample[]> {
  return parseExposition(await health.metrics())
}

function find(samples: readonly Sample[], name: string, labels: Readonly<Record<string, string>>): Sample[] {
  return samples.filter(
    (sample) => sample.name === name && Object.entries(labels).every(([key, value]) => sample.labels[key] === value),
  )
}

describe('metrics', () => {
  it('are in the format that the content type names', async () => {
    const answer = await get(service.fetch, '/metrics')
    expect(answer.headers.get('content-type')).toMatch(/^text\/plain; version=0\.0\.4/)
    expect(parseExposition(await answer.text()).length).toBeGreaterThan(50)
  })

  it('count requests by operation, status and code', async () => {
    const counted = async (operation: string, status: string, code: string) =>
      find(await readMetrics(), 'owlery_http_requests_total', { operation, status, code })[0]?.value ?? 0
    const cases = [
      ['platform.health.live', '200', '', () => get(service.fetch, '/health/live')],
      ['platform.me.get', '401', 'UNAUTHORIZED', () => get(service.fetch, '/api/v1/me')],
      ['platform.docs.error', '404', 'NOT_FOUND', () => get(service.fetch, '/docs/errors/NONE')],
      ['unrouted', '404', 'NOT_FOUND', () => get(service.send, '/no/such/path')],
    ] as const
    for (const [operation, status, code, call] of cases) {
      const before = await counted(operation, status, code)
      await call()
      await call()
      expect((await counted(operation, status, code)) - before, operation).toBe(2)
    }
  })

  it('spread the time of each operation over buckets that add up', async () => {
    await health.live()
    const name = 'owlery_http_request_duration_seconds'
    const samples = await readMetrics()
    const buckets = find(samples, `${name}_bucket`, { operation: 'platform.health.live' })
    const [count] = find(samples, `${name}_count`, { operation: 'platform.health.live' })
    const [sum] = find(samples, `${name}_sum`, { operation: 'platform.health.live' })
    const values = buckets.map(({ value }) => value)
    expect(buckets.length).toBeGreaterThan(10)
    expect(values).toEqual(values.toSorted((a, b) => a - b))
    expect(buckets.at(-1)).toMatchObject({ labels: { le: '+Inf' }, value: count?.value })
    expect(sum?.value).toBeGreaterThan(0)
  })

  it('tell of the pool, of the lag of the event loop and of the process', async () => {
    await readMetrics()
    // The lag is that since the last reading, sampled every 10 ms.
    await setTimeout(100)
    const samples = await readMetrics()
    const states = find(samples, 'owlery_database_connections', {}).map(({ labels }) => labels.state)
    expect(states.toSorted()).toEqual(['idle', 'total', 'waiting'])
    expect(find(samples, 'owlery_database_connections', { state: 'total' })[0]?.value).toBeGreaterThan(0)
    expect(find(samples, 'nodejs_eventloop_lag_p99_seconds', {})[0]?.value).toBeGreaterThan(0)
    expect(find(samples, 'process_resident_memory_bytes', {})[0]?.value).toBeGreaterThan(1_000_000)
  })

  test.each([
    ['nothing', {}, 401],
    ['another token', { authorization: 'Bearer only-for-the-collector-of-metricz' }, 401],
    ['the beginning of the token', { authorization: `Bearer ${metricsToken.slice(0, -1)}` }, 401],
    ['another scheme', { authorization: `Basic ${metricsToken}` }, 401],
    ['the token', { authorization: `Bearer ${metricsToken}` }, 200],
  ])('where a token is set, %s is answered as it should be', async (_what, headers, status) => {
    const answer = await get(cutOff, '/metrics', headers)
    expect(answer.status).toBe(status)
    if (status === 401) expect(await answer.json()).toMatchObject({ code: 'UNAUTHORIZED' })
    else expect(parseExposition(await answer.text()).length).toBeGreaterThan(50)
  })
})
