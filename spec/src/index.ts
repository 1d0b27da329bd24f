export * from './contract.ts'
export * from './document.ts'
export * from './errors.ts'
export * from './operation.ts'
export { type Plan, plans } from './platform/accounts.schemas.ts'
export * from './policy.ts'
export { z } from './primitives.ts'
export { allows, covers, grantableScopes, type RequiredScope, type Scope, scopes } from './scopes.ts'
export { mostTimelineBuckets } from './uptime/check-history.schemas.ts'
export { type IncidentFilter, type IncidentStatus, mostUpdatesShown } from './uptime/incidents.schemas.ts'
export { type AlertChannel, alertChannels } from './uptime/monitors.replies.ts'
export {
  type MonitorStatus,
  type MonitorType,
  monitorRegions,
} from './uptime/monitors.schemas.ts'
export { mostChecksClaimed, mostRegionAgents, type RemoteRegion, remoteRegions } from './uptime/regions.schemas.ts'
export { type WebhookEventType, webhookEventTypes } from './uptime/webhook-subscriptions.schemas.ts'
export * from './walk.ts'
