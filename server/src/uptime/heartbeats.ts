import type { contract } from '@owlery/spec'
import type { Handlers } from '../http/bind.ts'
import type { ApiError } from '../http/problem.ts'
import { hashToken } from '../security/tokens.ts'
import type { Services } from '../services.ts'
import { emit } from './events.ts'
import { recover } from './heartbeats.store.ts'

export const heartbeats: Handlers<typeof contract.uptime.heartbeats> = {
  ping: ({ params }, context) => receive(params.token, context),
  pingByHead: ({ params }, context) => receive(params.token, context),
}

type Ground = { readonly services: Services; readonly now: Date; error(code: 'NOT_FOUND'): ApiError }

const shape = /^[0-9a-f]{64}$/

async function receive(token: string, { services, now, error }: Ground): Promise<undefined> {
  // A look-up by hash takes the same time for every wrong token; what cannot be one is not worth it.
  if (!shape.test(token)) throw error('NOT_FOUND')
  const noted = await services.noteBeat({ tokenHash: hashToken(token), at: now })
  if (noted === undefined) throw error('NOT_FOUND')
  if (noted.recovers) await bringBack(services, noted.monitorId, now)
}

/** Status, incident and the events that tell of them in one transaction; a crash before it leaves it to the next beat. */
async function bringBack(services: Services, monitorId: number, at: Date): Promise<void> {
  await services.checkPartitions.ensure(at)
  await services.database.db.transaction().execute(async (tx) => {
    const recovered = await recover(tx, monitorId, at)
    if (recovered === undefined) return
    const { organizationId, name, url, from, incidentIds } = recovered
    const monitor = { monitorName: name, monitorUrl: url }
    const common = { organizationId, monitorId, at: at.toISOString() }
    // The first heartbeat of all changes nothing that anybody was told of.
    if (from !== null && from !== 'up') {
      await emit(services.queue, tx, {
        ...common,
        id: `monitor.${monitorId}.status_changed.${at.getTime()}`,
        type: 'monitor.status_changed',
        incidentId: null,
        data: { from, to: 'up', errorMessage: null, ...monitor },
      })
    }
    for (const incidentId of incidentIds) {
      await emit(services.queue, tx, {
        ...common,
        id: `incident.${incidentId}.resolved`,
        type: 'incident.resolved',
        incidentId,
        data: { autoResolved: true, status: 'up', ...monitor },
      })
    }
  })
}
