import { setTimeout as delay } from 'node:timers/promises'
import { ApiError, type Client, isApiError } from '@owlery/client'
import type { Targets } from './targets.ts'

type Stage = { readonly client: Client; readonly signal: AbortSignal; say(line: string): void }

const pollMs = 5000
const thinkingMs = 12_000

const postmortem = `## What happened

The payment provider refused our certificate, which had run out an hour before.

## What we change

Certificates are renewed two weeks ahead, and a monitor of type \`ssl\` looks at this one now.
`

/** Somebody on call: looks at every incident of a monitor, says what is known, and writes down what was learned. */
export async function handleIncidents({ client, signal, say }: Stage, monitorId: number): Promise<void> {
  const { incidents } = client.uptime
  const acknowledged = new Set<number>()
  const closed = new Set<number>()
  while (!signal.aborted) {
    for (const incident of await incidents.list({ monitorId, limit: 20 })) {
      const { id, title, resolvedAt, acknowledgedAt } = incident
      if (resolvedAt === null && acknowledgedAt === null && !acknowledged.has(id)) {
        acknowledged.add(id)
        say(`incident ${id}: ${title}`)
        await delay(thinkingMs, undefined, { signal })
        await unlessOver(() => incidents.acknowledge(id))
        await unlessOver(() =>
          incidents.createUpdate(id, { status: 'investigating', body: 'Payments fail. We are looking into it.' }),
        )
        say(`incident ${id}: acknowledged`)
        await delay(thinkingMs, undefined, { signal })
        const body = 'The certificate of the payment provider has run out. It is being renewed.'
        await unlessOver(() => incidents.createUpdate(id, { status: 'identified', body }))
        say(`incident ${id}: the cause is known`)
      } else if (resolvedAt !== null && acknowledged.has(id) && !closed.has(id)) {
        closed.add(id)
        await incidents.putPostmortem(id, { postmortem })
        say(`incident ${id}: over, and written up`)
      }
    }
    await delay(pollMs, undefined, { signal })
  }
}

/** The monitor may have come back in the meantime, which resolves the incident. */
async function unlessOver(act: () => PromiseLike<unknown>): Promise<void> {
  try {
    await act()
  } catch (error) {
    if (!(error instanceof ApiError && isApiError(error, 'INCIDENT_ALREADY_RESOLVED'))) throw error
  }
}

const heartbeatMs = 20_000

/** A job that reports regularly, but for the times in which it does not. */
export async function sendHeartbeats({ client, signal, say }: Stage, monitorId: number, targets: Targets) {
  const { heartbeatToken } = await client.uptime.monitors.getSecrets(monitorId)
  if (heartbeatToken === null) throw new Error('the heartbeat monitor has no token')
  let isSilent = false
  while (!signal.aborted) {
    const forgets = targets.forgetsHeartbeats()
    if (forgets !== isSilent) say(forgets ? 'the nightly backup falls silent' : 'the nightly backup reports again')
    isSilent = forgets
    if (!forgets) await client.uptime.heartbeats.ping(heartbeatToken)
    await delay(heartbeatMs, undefined, { signal })
  }
}
