import { setTimeout } from 'node:timers/promises'
import { bootstrapToken, type ServerProcess } from '../lib/server-process.ts'
import { startPostgres } from '../lib/temporary-postgres.ts'
import { startRedis } from '../lib/temporary-redis.ts'
import { measureLimiter } from './limiter-cost.ts'
import type { Proof } from './proof.ts'
import { onDatabase, statusesOf, type TwoServers } from './two-servers.ts'

/** Two processes, one of them with a clock that is an hour ahead, keep one limit together, wherever they meet. */
export const limitsHold: Proof = {
  summary: 'two processes keep limits and daily caps together, made-up addresses or not (10 floods)',
  short: 1,
  async prove(floods = 10) {
    // A single flood is the short form. What a decision costs is for a quiet machine, and a window passes in a minute.
    const isShort = floods === 1
    const cheap = isShort || (await measureLimiter())
    await using postgres = await startPostgres()
    return (await holdOn(postgres.url, floods, isShort)) && cheap
  },
}

async function holdOn(databaseUrl: string, floods: number, isShort: boolean): Promise<boolean> {
  const floodBoth = async (store: string, servers: TwoServers) => {
    const exact = await floodAll(store, servers, floods)
    return (isShort || (await nextWindow(store, servers))) && exact
  }
  const onPostgres = await onDatabase(databaseUrl, settings({}), async (servers) => {
    const limited = await floodBoth('postgres', servers)
    return (await capExactly(servers)) && limited
  })
  const redis = await startRedis()
  if (redis === undefined) {
    console.log('redis: there is no redis-server on this machine')
    return onPostgres
  }
  try {
    const onRedis = await onDatabase(databaseUrl, settings({ REDIS_URL: redis.url }), async (servers) => {
      const limited = await floodBoth('redis', servers)
      return (await outlive(redis, servers)) && limited
    })
    return onPostgres && onRedis
  } finally {
    await redis.kill()
  }
}

const hourAhead = `--import=data:text/javascript,${encodeURIComponent(
  'const Real=Date;globalThis.Date=class extends Real{constructor(...a){super(...(a.length?a:[Real.now()+36e5]))}static now(){return Real.now()+36e5}}',
)}`

function settings(more: Readonly<Record<string, string>>) {
  return {
    both: { RATE_LIMIT_SCALE: '1', TRUSTED_PROXIES: '127.0.0.1', ...more },
    second: { NODE_OPTIONS: hourAhead },
  }
}

const limit = 100
const burst = 5

/** As a proxy would pass it on: what the caller claims, then the address that the proxy saw. */
function ask({ url }: ServerProcess, seen: string, claimed?: string): Promise<Response> {
  const forwarded = claimed === undefined ? seen : `${claimed}, ${seen}`
  return fetch(`${url}/api/v1/me`, { headers: { 'x-forwarded-for': forwarded } })
}

async function floodAll(store: string, { here, there }: TwoServers, floods: number): Promise<boolean> {
  const passed: number[] = []
  for (let flood = 0; flood < floods; flood++) {
    const seen = `203.0.113.${flood}`
    const statuses = await statusesOf(600, 32, (index) =>
      ask(index % 2 === 0 ? here : there, seen, index % 3 === 0 ? undefined : `198.18.0.${index % 100}`),
    )
    passed.push(statuses.filter((status) => status === 401).length)
  }
  console.log(`${store}: ${floods} floods of 600 at a limit of ${limit} on 2 processes: ${passed.join(' ')} passed`)
  return passed.every(isAboutTheLimit)
}

function isAboutTheLimit(count: number): boolean {
  return count >= limit && count <= limit + burst
}

/** An address that is exhausted gets its points back when the header says so, and once only. */
async function nextWindow(store: string, { here, there }: TwoServers): Promise<boolean> {
  const seen = '203.0.113.250'
  await statusesOf(300, 32, (index) => ask(index % 2 === 0 ? here : there, seen))
  const refused = await ask(here, seen)
  if (refused.status !== 429) throw new Error(`expected 429, got ${refused.status}`)
  await setTimeout(Number(refused.headers.get('retry-after')) * 1000)
  const statuses = await statusesOf(300, 32, (index) => ask(index % 2 === 0 ? here : there, seen))
  const passed = statuses.filter((status) => status === 401).length
  console.log(`${store}: ${passed} passed in the window after`)
  return isAboutTheLimit(passed)
}

async function capExactly({ here, there }: TwoServers): Promise<boolean> {
  const mint = ({ url }: ServerProcess, token: string, address: number, body: object) =>
    fetch(`${url}/api/v1/me/tokens`, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${token}`,
        'content-type': 'application/json',
        // As from many places: the cap is the token's, and the limits of addresses must not hide it.
        'x-forwarded-for': `198.51.100.${address}`,
      },
      body: JSON.stringify(body),
    })
  const minted = async (by: string, body: object) => {
    const created: unknown = await (await mint(here, by, 0, body)).json()
    return typeof created === 'object' && created !== null && 'token' in created ? String(created.token) : ''
  }
  // Its three children take three changes of it; from then on all four draw on the hundred that are left.
  const first = await minted(bootstrapToken, { name: 'capped', dailyMutationLimit: 103 })
  const line = [first]
  for (const name of ['a', 'b', 'c']) line.push(await minted(first, { name }))
  // One clock is an hour ahead. In the last hour of the day the two would be in two days, each with its own cap.
  const clocks = [here, there].filter((_, index) => index === 0 || new Date().getUTCHours() < 23)
  const started = performance.now()
  const statuses = await statusesOf(1000, 32, (index) =>
    mint(clocks[index % clocks.length] ?? here, line[(index % 7) % 4] ?? first, index % 200, { name: `c${index}` }),
  )
  const made = statuses.filter((status) => status === 201).length
  const refused = statuses.filter((status) => status === 429).length
  const seconds = ((performance.now() - started) / 1000).toFixed(1)
  console.log(
    `1000 changes by a token and three of its own at a daily cap of 100 on 2 processes: ${made} made, ${refused} refused, in ${seconds} s`,
  )
  return made === 100 && refused === 900
}

/** The store is killed under load: requests are answered, readiness says it, and it passes by itself. */
async function outlive(redis: { kill(): Promise<void>; start(): Promise<void> }, { here, there }: TwoServers) {
  const stateOf = async ({ url }: ServerProcess) => (await fetch(`${url}/health/ready`)).text()
  await redis.kill()
  const statuses = await statusesOf(400, 16, (index) => ask(index % 2 === 0 ? here : there, `192.0.2.${index % 8}`))
  const unexpected = statuses.filter((status) => status !== 401 && status !== 429).length
  const degraded = [await stateOf(here), await stateOf(there)].every((text) => text.includes('degraded'))
  await redis.start()
  const started = performance.now()
  let isBack = false
  while (!isBack && performance.now() - started < 15_000) {
    await setTimeout(100)
    isBack = ![await stateOf(here), await stateOf(there)].some((text) => text.includes('degraded'))
  }
  const seconds = ((performance.now() - started) / 1000).toFixed(1)
  const told = [here, there].map((server) => server.output().split('limits are not shared').length - 1)
  console.log(
    `redis killed: ${statuses.length} requests, ${unexpected} unexpected answers; degraded: ${degraded}; ` +
      `told ${told.join(' and ')} times; back after ${seconds} s: ${isBack}`,
  )
  return unexpected === 0 && degraded && isBack && told.every((times) => times === 1)
}
