import type { Contract } from '@owlery/spec'
import type { AreaHandlers, Implementation } from './http/bind.ts'
import { auditLogs } from './platform/audit-logs.ts'
import { auth } from './platform/auth.ts'
import { docs } from './platform/docs.ts'
import { health } from './platform/health.ts'
import { me } from './platform/me.ts'
import { members } from './platform/members.ts'
import { tokens } from './platform/tokens.ts'
import { toolCatalogues } from './platform/tool-catalogues.ts'
import { webhookSecret } from './platform/webhook-secret.ts'
import { badges } from './uptime/badges.ts'
import { checkHistory } from './uptime/check-history.ts'
import { heartbeats } from './uptime/heartbeats.ts'
import { incidents } from './uptime/incidents.ts'
import { maintenanceWindows } from './uptime/maintenance-windows.ts'
import { monitors } from './uptime/monitors.ts'
import { publicStatusPages } from './uptime/public-status-pages.ts'
import { regions } from './uptime/regions.ts'
import { statusPages } from './uptime/status-pages.ts'
import { webhookSubscriptions } from './uptime/webhook-subscriptions.ts'

const platform: AreaHandlers<Contract['platform']> = {
  auth,
  me,
  members,
  webhookSecret,
  tokens,
  auditLogs,
  health,
  docs,
  toolCatalogues,
}
const uptime: AreaHandlers<Contract['uptime']> = {
  monitors,
  checkHistory,
  incidents,
  maintenanceWindows,
  heartbeats,
  regions,
  badges,
  webhookSubscriptions,
  statusPages,
  publicStatusPages,
}

/** One handler for every operation of the contract. No spreads here: they would hide a missing or an extra one. */
export const implementation: Implementation = { platform, uptime, telemetry: {}, fleet: {} }
