import { randomUUID } from 'node:crypto'
import { setTimeout } from 'node:timers/promises'
import { type Calls, field } from './crash-calls.ts'
import type { WatchedTarget } from './crash-targets.ts'

/** What was acknowledged, and so has to be there with its audit row. */
export type Ledger = {
  /** The name that each monitor had last, or null if it was deleted; and how often its name was changed. */
  readonly monitors: Map<number, { name: string | null; changes: number }>
  /** The bodies of updates by incident. */
  readonly updates: Map<string, number>
  readonly acknowledged: Map<number, number>
  readonly resolved: Map<number, number>
  /** When the last heartbeat was sent that was acknowledged, by monitor. */
  readonly beats: Map<number, number>
}

export type Heartbeat = { readonly monitorId: number; readonly token: string }

export type Writers = { readonly ledger: Ledger; end(): Promise<void> }

const pauseMs = 100
const beatPauseMs = 200
const workers = 3

export function startWriters(
  calls: Calls,
  heartbeats: readonly Heartbeat[],
  watched: readonly WatchedTarget[],
): Writers {
  const ledger: Ledger = {
    monitors: new Map(),
    updates: new Map(),
    acknowledged: new Map(),
    resolved: new Map(),
    beats: new Map(),
  }
  const workedOn = new Set(watched.filter(({ isWorkedOn }) => isWorkedOn).map(({ monitorId }) => monitorId))
  let ending = false
  const repeat = async (work: () => Promise<void>, pause: number) => {
    while (!ending) {
      await work()
      await setTimeout(pause)
    }
  }

  async function keepMonitors(): Promise<void> {
    const name = `made ${randomUUID()}`
    const body = { name, url: 'https://1.1.1.1/', type: 'https', paused: true }
    const { status, body: created } = await calls.write('POST', '/monitors', body)
    if (status !== 201) return
    const id = Number(field(created, 'id'))
    ledger.monitors.set(id, { name, changes: 0 })
    for (let changes = 1; changes <= 2; changes += 1) {
      const changed = { name: `${name} ${changes}` }
      const answer = await calls.write('PATCH', `/monitors/${id}`, changed)
      if (answer.status === 200) ledger.monitors.set(id, { ...changed, changes })
    }
    if (Math.random() < 0.7) return
    const answer = await calls.write('DELETE', `/monitors/${id}`)
    if (answer.status === 204) ledger.monitors.set(id, { name: null, changes: 2 })
  }

  async function workOnIncidents(): Promise<void> {
    const open = await calls.read('/incidents?status=open&limit=100')
    if (!Array.isArray(open)) return
    const ours = open.filter((incident) => workedOn.has(Number(field(incident, 'monitorId'))))
    const incident = ours[Math.floor(Math.random() * ours.length)]
    if (incident === undefined) return
    const id = Number(field(incident, 'id'))
    // Whatever the answer is, it may have been over by then.
    const said = `looked at ${randomUUID()}`
    const update = await calls.write('POST', `/incidents/${id}/updates`, { status: 'identified', body: said })
    if (update.status === 201) ledger.updates.set(said, id)
    const acknowledged = await calls.write('POST', `/incidents/${id}/acknowledge`)
    if (acknowledged.status === 200) count(ledger.acknowledged, id)
    if (Math.random() < 0.5) return
    const resolved = await calls.write('POST', `/incidents/${id}/resolve`)
    if (resolved.status === 200) count(ledger.resolved, id)
  }

  async function beat({ monitorId, token }: Heartbeat): Promise<void> {
    const sentAt = Date.now()
    if (await calls.beat(token)) ledger.beats.set(monitorId, sentAt)
  }

  const running = [
    ...Array.from({ length: workers }, () => repeat(keepMonitors, pauseMs)),
    ...Array.from({ length: workers }, () => repeat(workOnIncidents, pauseMs)),
    ...heartbeats.map((one) => repeat(() => beat(one), beatPauseMs)),
  ]
  return {
    ledger,
    end: async () => {
      ending = true
      await Promise.all(running)
    },
  }
}

function count(counts: Map<number, number>, id: number): void {
  counts.set(id, (counts.get(id) ?? 0) + 1)
}
