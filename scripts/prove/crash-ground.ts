import type { Database } from '@owlery/server/db/connect.ts'
import { type Calls, field } from './crash-calls.ts'
import type { Sinks } from './crash-sinks.ts'
import { type WatchedTarget, watchedTag } from './crash-targets.ts'
import type { Heartbeat } from './crash-writers.ts'

export type Ground = { readonly watched: readonly WatchedTarget[]; readonly heartbeats: readonly Heartbeat[] }

const untouchedCount = 8
const workedOnCount = 4
// Each has a mailbox of its own, where many alerts become one mail.
const mailingCount = 3
const heartbeatCount = 2

/** Monitors of targets that fail and recover, some of which people work on; heartbeats; and somebody who hears of it all. */
export async function layGround(calls: Calls, sinks: Sinks): Promise<Ground> {
  const watched: WatchedTarget[] = []
  for (let number = 1; number <= untouchedCount + workedOnCount; number += 1) {
    const threshold = 1 + (number % 2)
    const id = await create(calls, '/monitors', {
      name: `monitor ${number}`,
      url: `${sinks.url}/target/${number}`,
      type: 'http',
      tags: [watchedTag],
      alertThreshold: threshold,
      alertWebhookUrl: `${sinks.url}/hook`,
      alertPagerdutyRoutingKey: 'a-routing-key',
      ...(number <= mailingCount && { alertEmail: `monitor-${number}@example.com` }),
      // Targets that are down half of the time miss every other one.
      uptimeTargetBp: 1,
    })
    const target = sinks.target(number)
    watched.push({ monitorId: id, target, threshold, isWorkedOn: number > untouchedCount, periods: [], blips: 0 })
  }
  const heartbeats: Heartbeat[] = []
  for (let number = 1; number <= heartbeatCount; number += 1) {
    const id = await create(calls, '/monitors', {
      name: `heartbeat ${number}`,
      type: 'heartbeat',
      url: 'https://1.1.1.1/',
    })
    const secrets = await calls.read(`/monitors/${id}/secrets`)
    heartbeats.push({ monitorId: id, token: String(field(secrets, 'heartbeatToken')) })
  }
  await create(calls, '/webhook-subscriptions', { url: `${sinks.url}/events`, eventTypes: [] })
  return { watched, heartbeats }
}

async function create(calls: Calls, path: string, body: object): Promise<number> {
  const answer = await calls.write('POST', path, body)
  if (answer.status !== 201) throw new Error(`${path} answered ${answer.status}: ${JSON.stringify(answer.body)}`)
  return Number(field(answer.body, 'id'))
}

/** Checks every second: no interval below 30 seconds can be asked for, and hundreds of checks are needed here. */
export async function hurry(database: Database): Promise<void> {
  await database.executeSql(`UPDATE monitors SET interval_sec = 1 WHERE type = 'http' AND NOT paused`)
  await database.executeSql('UPDATE monitor_states SET next_check_at = now() WHERE next_check_at IS NOT NULL')
}
