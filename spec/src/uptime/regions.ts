import { operation } from '../operation.ts'
import { anyone, caller } from '../policy.ts'
import { z } from '../primitives.ts'
import {
  Region,
  RegionAgentStart,
  RegionAgentStarted,
  RegionClaim,
  RegionReport,
  RegionReported,
  RegionWork,
  remoteRegions,
} from './regions.schemas.ts'

/**
 * Work goes by a key, as heartbeats go by a token: what an agent does every few seconds is neither a change that a
 * person made, for the audit log, nor one of the changes that a token has for a day. What is worth a row is that an
 * agent began, since from then on it is given headers; so that is what asks for the scope and leaves the row. The key
 * holds only as long as the credential that it was given for, and it travels in the body, which proxies do not log.
 */
const work = {
  origin: 'owlery',
  method: 'post',
  access: anyone,
  limit: 'region-agent',
  errors: ['REGION_KEY_INVALID'],
  slow: true,
} as const

const neverKept = { 'Cache-Control': '`no-store`' }

export const regions = {
  list: operation({
    method: 'get',
    path: '/api/v1/regions',
    summary: 'List the regions',
    description: 'The regions beside `local`: how many monitors are checked from there, by which agents and how late.',
    origin: 'owlery',
    access: caller({ scope: 'monitors:read', role: 'viewer' }),
    limit: 'api',
    success: { status: 200, description: 'Every region.', body: z.array(Region).max(remoteRegions.length) },
    errors: [],
  }),
  startAgent: operation({
    method: 'post',
    path: '/api/v1/regions/agents',
    summary: 'Begin to check from a region',
    description:
      'Lets an agent check the organization’s `http` and `https` monitors from a region. Its key holds as long as the credential that this was called with, and while it is used at least once in an hour.',
    origin: 'owlery',
    // As for reading the secrets of monitors, whose headers it will be given.
    access: caller({ scope: 'regions:work', role: 'admin' }),
    limit: 'api',
    body: RegionAgentStart,
    success: { status: 201, description: 'The agent, with its key.', body: RegionAgentStarted },
    errors: [],
    audit: 'START_REGION_AGENT',
    secretReply: true,
  }),
  claim: operation({
    ...work,
    path: '/api/v1/regions/claims',
    summary: 'Claim checks that are due',
    description:
      'Hands out checks of the agent’s region and organization, each to one agent at a time, with the headers to send. A check that is not reported before its claim ends goes to whoever asks next.',
    body: RegionClaim,
    success: { status: 200, description: 'The checks, perhaps none.', body: RegionWork, headers: neverKept },
    secretReply: true,
  }),
  report: operation({
    ...work,
    path: '/api/v1/regions/results',
    summary: 'Report the results of checks',
    description:
      'Stores what claimed checks found. Each becomes its region’s vote: a monitor is down when more than half of the regions that reported within two intervals say so, and degraded when only some do. A vote that changes the verdict makes the local check due at once, so an incident waits for nothing but that.',
    body: RegionReport,
    success: { status: 200, description: 'What became of each result.', body: RegionReported },
  }),
}
