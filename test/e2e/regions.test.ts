import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer, connect as dial, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createClient } from '@owlery/client'
import { afterAll, describe, expect, it, vi } from 'vitest'
import { root } from '../../scripts/lib/generate-all.ts'
import { bootstrapToken, type ServerProcess, sharedSecrets, startServer } from '../../scripts/lib/server-process.ts'
import { createDatabase, postgresServer } from '../support/database.ts'
import { startHttpSink } from '../support/sinks-http.ts'

/** A service and two agents as processes of their own, before a target that looks different from each place. */

const postgres = await postgresServer()
const database = postgres && (await createDatabase(postgres.url))
const dataDir = mkdtempSync(join(tmpdir(), 'owlery-regions-'))
const ends: (() => unknown)[] = []
afterAll(async () => {
  for (const end of ends.toReversed()) await end()
  await database?.close()
  await postgres?.stop()
  rmSync(dataDir, { recursive: true, force: true })
})

/** Who asks from which address, so that the target can tell them apart. */
const places = { '127.0.0.1': 'local', '127.0.0.2': 'weur', '127.0.0.3': 'oc' } as const
type Place = (typeof places)[keyof typeof places]
const placeOf = new Map<string | undefined, Place>(Object.entries(places))

const down = new Set<Place>()
const mute = new Set<Place>()
const seen: Place[] = []
const target = await startHttpSink((request, response) => {
  const place = placeOf.get(request.socket.remoteAddress) ?? 'local'
  seen.push(place)
  if (!mute.has(place)) response.writeHead(down.has(place) ? 503 : 200).end()
})
ends.push(() => target[Symbol.asyncDispose]())

/** One address for the agents, whichever process serves there now; at port 0 there is nobody. */
let served = 0
const callers = new Set<Socket>()
const door = createServer((incoming) => {
  const outgoing = dial(served, '127.0.0.1')
  callers.add(incoming)
  incoming.on('close', () => {
    callers.delete(incoming)
    outgoing.destroy()
  })
  incoming.on('error', () => undefined).pipe(outgoing)
  outgoing.on('error', () => incoming.destroy()).pipe(incoming)
}).listen(0, '127.0.0.1')
await once(door, 'listening')
ends.push(() => door.close())
function shutDoor() {
  served = 0
  for (const caller of callers) caller.destroy()
}
const address = door.address()
const doorUrl = `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`

async function serve(url: string): Promise<ServerProcess> {
  const env = { ...sharedSecrets, DATABASE_URL: url, DATA_DIR: dataDir, OWLERY_BOOTSTRAP_TOKEN: bootstrapToken }
  const server = await startServer({ env: { ...env, OUTBOUND_ALLOW: '127.0.0.0/8' } })
  served = server.port
  return server
}

type Agent = { readonly child: ChildProcess; readonly ended: Promise<number | null>; output(): string }

/** As an operator starts it, but for the address that it calls from. */
function startAgent(region: 'weur' | 'oc', token: string): Agent {
  const localAddress = Object.entries(places).find(([, place]) => place === region)?.[0] ?? ''
  const preload = `import http from 'node:http'
    import { syncBuiltinESMExports } from 'node:module'
    const request = http.request
    http.request = (options, ...rest) => request({ ...options, localAddress: '${localAddress}' }, ...rest)
    syncBuiltinESMExports()`
  const argv = ['--import', `data:text/javascript,${encodeURIComponent(preload)}`, join(root, 'server/src/main.ts')]
  const child = spawn(process.execPath, [...argv, '--role', 'region', '--region', region], {
    cwd: dataDir,
    env: {
      PATH: process.env.PATH,
      // As `npm start` has it.
      NODE_COMPILE_CACHE: join(root, 'node_modules/.cache/compile'),
      OWLERY_SERVER: doorUrl,
      OWLERY_TOKEN: token,
      OUTBOUND_ALLOW: '127.0.0.0/8',
    },
  })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk: Buffer) => {
      output += chunk.toString()
    })
  }
  // Not `exit`, which may come before the last of what it wrote.
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve))
  ends.push(() => child.kill('SIGKILL') && ended)
  return { child, ended, output: () => output }
}

const soon = { timeout: 30_000, interval: 50 }

describe.each(database === undefined ? [] : [database])('agents in two regions', ({ url, db }) => {
  it('decide by consensus, survive their service, and leave what they held to others', async () => {
    let server = await serve(url)
    ends.push(() => {
      server.signal('SIGKILL')
      return server.ended
    })
    const client = createClient({ baseUrl: doorUrl, token: bootstrapToken })
    const { token } = await client.platform.tokens.create({ name: 'agents', scopes: ['regions:work'] })
    const agents = { weur: startAgent('weur', token), oc: startAgent('oc', token) }
    const refused = startAgent('oc', `obs_${'x'.repeat(43)}`)
    const { id } = await client.uptime.monitors.create({
      name: 'Shop',
      url: target.url,
      type: 'http',
      intervalSec: 300,
      regions: ['weur', 'oc'],
    })
    /** What would come in its turn within five minutes. */
    const makeDue = async (...tables: ('monitor_states' | 'region_checks')[]) => {
      const due = { next_check_at: new Date(), claimed_until: null }
      for (const table of tables) await db.updateTable(table).set(due).where('monitor_id', '=', id).execute()
    }
    const votes = async () => {
      const rows = await db.selectFrom('region_results').selectAll().where('monitor_id', '=', id).execute()
      return Object.fromEntries(rows.map(({ region, status }) => [region, status]))
    }
    const statusIs = (status: string) =>
      vi.waitFor(async () => expect((await client.uptime.monitors.get(id)).lastStatus).toBe(status), soon)
    const openIncidents = () => client.uptime.incidents.list({ status: 'open' })

    await vi.waitFor(async () => {
      const regions = await client.uptime.regions.list()
      expect(regions.filter(({ agents }) => agents.length > 0).map(({ region }) => region)).toEqual(['weur', 'oc'])
    }, soon)
    await makeDue('monitor_states', 'region_checks')
    await vi.waitFor(async () => expect(await votes()).toEqual({ local: 'up', weur: 'up', oc: 'up' }), soon)
    await statusIs('up')

    down.add('weur')
    await makeDue('region_checks')
    await statusIs('degraded')
    expect(await openIncidents()).toEqual([])
    down.add('oc')
    await makeDue('region_checks')
    await statusIs('down')
    expect(await openIncidents()).toMatchObject([{ monitorId: id }])
    expect(await votes()).toEqual({ local: 'up', weur: 'down', oc: 'down' })

    // Who is not let in says so in one line.
    expect(await refused.ended).toBe(1)
    expect(refused.output()).toBe(
      `${doorUrl} does not let this agent begin: it answered 401 INVALID_TOKEN Invalid token\n`,
    )

    // One agent dies in the middle of a check, and the service goes away for a while.
    mute.add('weur')
    down.clear()
    seen.length = 0
    await makeDue('region_checks')
    await vi.waitFor(() => expect(seen).toEqual(expect.arrayContaining(['weur', 'oc'])), soon)
    agents.weur.child.kill('SIGKILL')
    await agents.weur.ended
    mute.clear()
    // Nobody is answered while it stops, also not on a connection that there is already.
    shutDoor()
    server.signal('SIGTERM')
    expect(await server.ended).toBe(0)
    // Its claim is over when the service is back; not sooner, or a last call of the dead agent could take it anew.
    await db.updateTable('region_checks').set({ claimed_until: new Date() }).where('region', '=', 'weur').execute()
    const successor = startAgent('weur', token)
    server = await serve(url)
    await vi.waitFor(async () => expect(await votes()).toEqual({ local: 'up', weur: 'up', oc: 'up' }), soon)
    await statusIs('up')
    await vi.waitFor(async () => expect(await openIncidents()).toEqual([]), soon)
    const checks = await client.uptime.checkHistory.list(id, { region: 'weur' })
    const statuses = checks.map(({ status }) => status)
    expect([statuses[0], statuses[1], statuses.at(-1)]).toEqual(['up', 'down', 'up'])

    for (const agent of [agents.oc, successor]) agent.child.kill('SIGTERM')
    expect(await Promise.all([agents.oc.ended, successor.ended])).toEqual([0, 0])
    for (const agent of [agents.oc, agents.weur, successor]) expect(agent.output()).not.toContain(token)
    server.signal('SIGTERM')
    expect(await server.ended).toBe(0)
  })
})
