import { moment, text, timestamp, z } from '../primitives.ts'
import { monitorId, monitorStatuses } from './monitors.schemas.ts'

export const remoteRegions = ['weur', 'enam', 'apac', 'oc', 'sam', 'afr'] as const
export type RemoteRegion = (typeof remoteRegions)[number]

export const mostChecksClaimed = 100
export const mostRegionAgents = 100

const region = z.enum(remoteRegions)
const exampleKey = 'owl_agent_AbCdEfGhIjKlMnOpQrStUvWxYz0123456789abcdefg'
const exampleLease = '2026-05-13T18:01:00.000Z'

export const Region = z
  .object({
    region,
    monitors: z.int().openapi({ description: 'Monitors that are to be checked from there, paused ones not counted.' }),
    lagSec: z.int().openapi({ description: 'How long the longest waiting check has been due.' }),
    lastSeenAt: timestamp.nullable().openapi({ description: 'When an agent was last heard of; `null`: not lately.' }),
    agents: z
      .array(
        z.object({
          id: z.int(),
          name: z.string(),
          version: z.string(),
          startedAt: timestamp,
          lastSeenAt: timestamp,
        }),
      )
      .max(mostRegionAgents)
      .openapi({ description: 'Those of the last day, the last one heard of first.' }),
  })
  .openapi('Region', {
    description: 'A region that monitors can be checked from, and who does so.',
    example: {
      region: 'weur',
      monitors: 12,
      lagSec: 0,
      lastSeenAt: '2026-05-13T18:00:00.000Z',
      agents: [
        {
          id: 7,
          name: 'probe-1',
          version: '0.1.0',
          startedAt: '2026-05-13T06:00:00.000Z',
          lastSeenAt: '2026-05-13T18:00:00.000Z',
        },
      ],
    },
  })

export const RegionAgentStart = z
  .strictObject({
    region,
    name: text(1, 100).openapi({ description: 'What people know it by. Several agents may have the same name.' }),
    version: text(1, 50),
  })
  .openapi('RegionAgentStart', {
    description: 'Which agent begins, and where it stands.',
    example: { region: 'weur', name: 'probe-1', version: '0.1.0' },
  })

export const RegionAgentStarted = z
  .object({
    id: z.int(),
    key: z.string().openapi({ description: 'What the agent shows from now on. It is shown this once.' }),
  })
  .openapi('RegionAgentStarted', { description: 'The agent and its key.', example: { id: 7, key: exampleKey } })

const key = z.string().min(1).max(200).openapi({ description: 'From the start of the agent.' })

export const RegionClaim = z
  .strictObject({
    key,
    limit: z.int().min(1).max(mostChecksClaimed).openapi({ description: 'How many checks to answer at most.' }),
  })
  .openapi('RegionClaim', {
    description: 'How much work an agent can take.',
    example: { key: exampleKey, limit: 50 },
  })

export const RegionWork = z
  .object({
    leaseMs: z.int().openapi({ description: 'How long the claims last from now on; after that others may take them.' }),
    checks: z
      .array(
        z.object({
          monitorId: z.int(),
          leaseUntil: timestamp.openapi({ description: 'Names the claim; to be sent back as it is.' }),
          type: z.enum(['http', 'https']),
          url: z.string(),
          timeoutMs: z.int(),
          intervalSec: z.int(),
          expectedStatusCode: z.int().nullable().openapi({ description: '`null`: any below 400 is up.' }),
          degradedResponseTimeMs: z.int().nullable(),
          headers: z
            .record(z.string(), z.string())
            .nullable()
            .openapi({ description: 'In plain text, to be sent with the check and kept nowhere.' }),
        }),
      )
      .max(mostChecksClaimed)
      .openapi({ description: 'The longest waiting first. As many as asked for: there may be more.' }),
  })
  .openapi('RegionWork', {
    description: 'What the agent is to check now.',
    example: {
      leaseMs: 60000,
      checks: [
        {
          monitorId: 42,
          leaseUntil: exampleLease,
          type: 'https',
          url: 'https://shop.example.com/health',
          timeoutMs: 10000,
          intervalSec: 60,
          expectedStatusCode: 200,
          degradedResponseTimeMs: 1500,
          headers: { 'X-Probe': 'owlery' },
        },
      ],
    },
  })

const claimed = { monitorId, leaseUntil: moment.openapi({ description: 'As it came with the check.' }) }

export const RegionReport = z
  .strictObject({
    key,
    results: z
      .array(
        z.strictObject({
          ...claimed,
          ageMs: z.int().min(0).max(86400000).openapi({
            description: 'How long ago the check began, so that no two clocks have to agree.',
          }),
          status: z.enum(monitorStatuses),
          responseTimeMs: z.int().min(0).max(86400000).nullable(),
          statusCode: z.int().min(100).max(999).nullable(),
          errorMessage: text(1, 500).nullable(),
        }),
      )
      .max(mostChecksClaimed),
    givenBack: z
      .array(
        z.strictObject({
          ...claimed,
          afterMs: z.int().min(0).max(60000).openapi({ description: 'For how long nobody shall take it.' }),
        }),
      )
      .max(mostChecksClaimed)
      .optional()
      .openapi({
        description:
          'Checks that could not be made for a reason of the agent’s own, such as a network that is gone. They say nothing about the monitor.',
      }),
  })
  .openapi('RegionReport', {
    description: 'What came of claimed checks.',
    example: {
      key: exampleKey,
      results: [
        {
          monitorId: 42,
          leaseUntil: exampleLease,
          ageMs: 350,
          status: 'up',
          responseTimeMs: 120,
          statusCode: 200,
          errorMessage: null,
        },
      ],
      givenBack: [{ monitorId: 43, leaseUntil: exampleLease, afterMs: 10000 }],
    },
  })

export const RegionReported = z
  .object({
    results: z
      .array(z.object({ monitorId: z.int(), outcome: z.enum(['accepted', 'not_held', 'too_late']) }))
      .max(mostChecksClaimed)
      .openapi({
        description:
          'In the order they were sent. `not_held`: the claim has ended, or the monitor was paused, changed or deleted. `too_late`: the check is older than two intervals.',
      }),
  })
  .openapi('RegionReported', {
    description: 'What became of each result.',
    example: { results: [{ monitorId: 42, outcome: 'accepted' }] },
  })
