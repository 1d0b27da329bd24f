import { type contract, remoteRegions } from '@owlery/spec'
import type { Handlers } from '../http/bind.ts'
import { hashToken, mintToken, tokenKind } from '../security/tokens.ts'
import type { Services } from '../services.ts'
import { openHeaders } from './monitors.secrets.ts'
import { insertAgent, listAgents, readLoads, useAgentKey } from './regions.agents.store.ts'
import { recordRegionResults } from './regions.record.ts'
import { countRegionChecks } from './regions.results.store.ts'
import {
  claimRegionChecks,
  giveBackChecks,
  pullInRegionStrays,
  type RegionClaim,
  scheduleFresh,
} from './regions.store.ts'

// Longer than any check takes, with time to report it while the service starts anew; not longer than two of the shortest
// intervals, after which nobody wants the result.
const leaseMs = 60_000
const unreadableMs = 60_000
const keyPrefix = 'owl_agent_'

export const regions: Handlers<typeof contract.uptime.regions> = {
  async list(_input, { db, actor, now }) {
    const loads = await readLoads(db, actor.organizationId, now)
    const agents = await listAgents(db, actor.organizationId, now)
    return remoteRegions.map((region) => {
      const { monitors = 0, lagSec = 0 } = loads.find((load) => load.region === region) ?? {}
      const own = agents.filter((agent) => agent.region === region)
      return {
        region,
        monitors,
        lagSec,
        lastSeenAt: own[0]?.last_seen_at.toISOString() ?? null,
        agents: own.map(({ id, name, version, started_at, last_seen_at }) => ({
          id,
          name,
          version,
          startedAt: started_at.toISOString(),
          lastSeenAt: last_seen_at.toISOString(),
        })),
      }
    })
  },

  async startAgent({ body }, { db, actor, now, audit }) {
    const { plaintext, hash } = mintToken(keyPrefix)
    const id = await insertAgent(db, actor, { ...body, keyHash: hash, now })
    await pullInRegionStrays(db, actor.organizationId, body.region, now)
    await audit({ resource: `region_agent:${id}`, meta: { ...body } })
    return { id, key: plaintext }
  },

  async claim({ body }, { services, now, error, setHeader, commit }) {
    if (tokenKind(body.key) !== keyPrefix) throw error('REGION_KEY_INVALID')
    const spent = await services.checkQuota.spentBy(now)
    setHeader('Cache-Control', 'no-store')
    return commit(async ({ db }) => {
      const agent = await useAgentKey(db, hashToken(body.key), now)
      if (agent === undefined) throw error('REGION_KEY_INVALID')
      if (spent.has(agent.organizationId)) return { leaseMs, checks: [] }
      await scheduleFresh(db, agent, now)
      const leaseUntil = new Date(now.getTime() + leaseMs)
      const claims = await claimRegionChecks(db, agent, { now, leaseUntil, limit: body.limit })
      const readable = claims.map((claim) => ({ claim, headers: headersOf(claim, services) }))
      await giveBackChecks(
        db,
        agent,
        readable.flatMap(({ claim, headers }) =>
          headers === undefined
            ? [{ monitorId: claim.monitor_id, leaseUntil, until: new Date(now.getTime() + unreadableMs) }]
            : [],
        ),
      )
      return {
        leaseMs,
        checks: readable.flatMap(({ claim, headers }) =>
          headers === undefined ? [] : [{ ...checkOf(claim), leaseUntil: leaseUntil.toISOString(), headers }],
        ),
      }
    })
  },

  async report({ body }, { services, now, error, commit }) {
    if (tokenKind(body.key) !== keyPrefix) throw error('REGION_KEY_INVALID')
    await services.checkPartitions.ensure(now)
    return commit(async ({ db }) => {
      const agent = await useAgentKey(db, hashToken(body.key), now)
      if (agent === undefined) throw error('REGION_KEY_INVALID')
      const results = body.results.map(({ ageMs, leaseUntil, ...found }) => ({
        ...found,
        leaseUntil: new Date(leaseUntil),
        checkedAt: new Date(now.getTime() - ageMs),
      }))
      const outcomes = await recordRegionResults(db, agent, results, now)
      const given = (body.givenBack ?? []).map(({ monitorId, leaseUntil, afterMs }) => ({
        monitorId,
        leaseUntil: new Date(leaseUntil),
        until: new Date(now.getTime() + afterMs),
      }))
      await giveBackChecks(db, agent, given)
      const accepted = results.filter((_result, index) => outcomes[index] === 'accepted')
      await countRegionChecks(db, agent.organizationId, accepted)
      return {
        results: body.results.flatMap(({ monitorId }, index) => {
          const outcome = outcomes[index]
          return outcome === undefined ? [] : [{ monitorId, outcome }]
        }),
      }
    })
  },
}

function checkOf(claim: RegionClaim) {
  return {
    monitorId: claim.monitor_id,
    type: claim.type,
    url: claim.url,
    timeoutMs: claim.timeout_ms,
    intervalSec: claim.interval_sec,
    expectedStatusCode: claim.expected_status_code,
    degradedResponseTimeMs: claim.degraded_response_time_ms,
  }
}

/** Undefined where they cannot be decrypted: a check without them would say something about another request. */
function headersOf(
  { monitor_id: id, sealed_headers }: RegionClaim,
  { secrets, log }: Pick<Services, 'secrets' | 'log'>,
): Record<string, string> | null | undefined {
  try {
    return openHeaders(secrets, { id, sealed_headers })
  } catch {
    log.error({ monitor: id }, 'the headers of a monitor cannot be decrypted')
    return undefined
  }
}
