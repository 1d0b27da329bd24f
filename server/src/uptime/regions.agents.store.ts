import { contract, mostRegionAgents, type RemoteRegion, remoteRegions, rolesFrom } from '@owlery/spec'
import { type Kysely, sql } from 'kysely'
import type { Tables } from '../db/tables.ts'
import type { Actor } from '../http/actor.ts'

const dayMs = 86_400_000
const unusedKeyMs = 60 * 60_000
const seenMs = 5000

export type NewAgent = {
  readonly region: RemoteRegion
  readonly name: string
  readonly version: string
  readonly keyHash: Buffer
  readonly now: Date
}

/** An agent that starts again is another one, so those that have not been heard of for a day make room. */
export async function insertAgent(db: Kysely<Tables>, actor: Actor, agent: NewAgent): Promise<number> {
  const { organizationId, userId } = actor
  const { id } = await db
    .insertInto('region_agents')
    .values({
      organization_id: organizationId,
      region: agent.region,
      name: agent.name,
      version: agent.version,
      key_hash: agent.keyHash,
      user_id: userId,
      token_id: actor.kind === 'token' ? actor.token.id : null,
      session_id: actor.kind === 'session' ? actor.sessionId : null,
      started_at: agent.now,
      last_seen_at: agent.now,
    })
    .returning('id')
    .executeTakeFirstOrThrow()
  await sql`
    DELETE FROM region_agents WHERE organization_id = ${organizationId} AND id <> ${id} AND (
      last_seen_at <= ${new Date(agent.now.getTime() - dayMs)}::timestamptz
      OR id IN (
        SELECT id FROM region_agents WHERE organization_id = ${organizationId}
        ORDER BY last_seen_at DESC, id DESC OFFSET ${mostRegionAgents}::integer
      )
    )`.execute(db)
  return id
}

export type RegionAgent = { readonly id: number; readonly organizationId: number; readonly region: string }

/** Whose key it is, while the credential that it was given for would still be let in; notes that it was heard of. */
export async function useAgentKey(db: Kysely<Tables>, keyHash: Buffer, now: Date): Promise<RegionAgent | undefined> {
  const roles = rolesFrom(contract.uptime.regions.startAgent.access.role)
  const { rows } = await sql<RegionAgent & { readonly last_seen_at: Date }>`
    SELECT id, organization_id AS "organizationId", region, last_seen_at
    FROM region_agents AS agent
    WHERE key_hash = ${keyHash} AND last_seen_at > ${new Date(now.getTime() - unusedKeyMs)}::timestamptz
      AND EXISTS (
        SELECT FROM memberships
        WHERE memberships.organization_id = agent.organization_id AND memberships.user_id = agent.user_id
          AND role = ANY (${roles}::text[])
      )
      AND (
        EXISTS (
          SELECT FROM tokens WHERE tokens.id = agent.token_id AND tokens.revoked_at IS NULL
            AND (tokens.expires_at IS NULL OR tokens.expires_at > ${now}::timestamptz)
        )
        OR EXISTS (
          SELECT FROM sessions WHERE sessions.id = agent.session_id AND sessions.revoked_at IS NULL
            AND sessions.expires_at > ${now}::timestamptz
        )
      )`.execute(db)
  const [agent] = rows
  // Agents ask far more often than anybody wants to know, and most of what they ask writes nothing else.
  if (agent !== undefined && now.getTime() - agent.last_seen_at.getTime() >= seenMs) {
    await db.updateTable('region_agents').set({ last_seen_at: now }).where('id', '=', agent.id).execute()
  }
  return agent
}

/** Those of the last day, the last one heard of first. */
export function listAgents(db: Kysely<Tables>, organizationId: number, now: Date) {
  return db
    .selectFrom('region_agents')
    .select(['id', 'region', 'name', 'version', 'started_at', 'last_seen_at'])
    .where('organization_id', '=', organizationId)
    .where('last_seen_at', '>', new Date(now.getTime() - dayMs))
    .orderBy('last_seen_at', 'desc')
    .orderBy('id', 'desc')
    .limit(mostRegionAgents)
    .execute()
}

export type RegionLoad = { readonly region: string; readonly monitors: number; readonly lagSec: number }

/** A row for each region, also where nothing is to be checked. */
export async function readLoads(db: Kysely<Tables>, organizationId: number, now: Date): Promise<RegionLoad[]> {
  const { rows } = await sql<RegionLoad>`
    SELECT asked.region, count(due.monitor_id)::integer AS monitors,
      coalesce(floor(extract(epoch FROM ${now}::timestamptz - least(min(due.next_check_at), ${now}::timestamptz))), 0)::integer
        AS "lagSec"
    FROM unnest(${[...remoteRegions]}::text[]) WITH ORDINALITY AS asked (region, position)
    LEFT JOIN region_checks AS due ON due.organization_id = ${organizationId} AND due.region = asked.region
    GROUP BY asked.region, asked.position
    ORDER BY asked.position`.execute(db)
  return rows
}
