import { fleet, fleetTags } from './fleet/index.ts'
import { platform, platformTags } from './platform/index.ts'
import { telemetry, telemetryTags } from './telemetry/index.ts'
import { uptime, uptimeTags } from './uptime/index.ts'

/**
 * The whole API: area → resource → verb. An operation's id is its path in this tree (`platform.tokens.create`); it names
 * the method of every client, so renaming a key is a breaking change. Verbs: `list create get update delete`, then the
 * domain's own.
 */
export const contract = { platform, uptime, telemetry, fleet }
export type Contract = typeof contract

export const tags = { platform: platformTags, uptime: uptimeTags, telemetry: telemetryTags, fleet: fleetTags }
