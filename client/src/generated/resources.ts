// Generated from openapi.yaml by `npm run generate`; changes here are lost.

import type { Call } from '../call.ts'
import type { PathId, Query } from '../operation-types.ts'
import type { CallOptions, IdempotentCallOptions } from '../options.ts'
import type { List } from '../pages.ts'
import type {
  Alive,
  AnthropicTool,
  AuditLog,
  AuditVerification,
  Check,
  ErrorDescription,
  HeartbeatTokenRotated,
  Incident,
  IncidentDelivery,
  IncidentResolve,
  IncidentUpdate,
  IncidentUpdateCreate,
  IncidentWithUpdates,
  LangchainTool,
  Login,
  MaintenanceWindow,
  MaintenanceWindowCreate,
  Me,
  Member,
  MemberUpdate,
  Monitor,
  MonitorBulkCreate,
  MonitorBulkDelete,
  MonitorBulkUpdate,
  MonitorCreate,
  MonitorCreated,
  MonitorSecrets,
  MonitorStats,
  MonitorTimeline,
  MonitorUpdate,
  MonitorsCreated,
  MonitorsDeleted,
  MonitorsUpdated,
  OpenaiTool,
  PasswordChange,
  PasswordForgotten,
  PasswordReset,
  PasswordResetRequested,
  PostmortemPut,
  PublicStatusPage,
  Ready,
  Region,
  RegionAgentStart,
  RegionAgentStarted,
  RegionClaim,
  RegionReport,
  RegionReported,
  RegionWork,
  Registered,
  Registration,
  SignedIn,
  StatusPage,
  StatusPageComponent,
  StatusPageComponentCreate,
  StatusPageCreate,
  StatusPageNotice,
  StatusPagePassword,
  StatusPagePasswordSet,
  StatusPageSubscribe,
  StatusPageSubscriber,
  StatusPageUnlock,
  StatusPageUnlocked,
  StatusPageUpdate,
  TestAlertReport,
  Token,
  TokenCreate,
  TokenCreated,
  ToolIndex,
  Version,
  WebhookDeliveryEntry,
  WebhookSecret,
  WebhookSecretRotated,
  WebhookSubscription,
  WebhookSubscriptionCreate,
  WebhookSubscriptionUpdate,
} from './types.ts'

export interface PlatformAuthApi {
  /**
   * Create an account
   *
   * Creates a person and an organization that they own, and signs them in.
   *
   * `POST /api/v1/auth/register`
   */
  register(body: Registration, options?: CallOptions): Call<Registered, 'platform.auth.register'>
  /**
   * Sign in with a password
   *
   * Opens a session. It is a row that can be revoked; the answer is a signed name for it.
   *
   * `POST /api/v1/auth/login`
   */
  login(body: Login, options?: CallOptions): Call<SignedIn, 'platform.auth.login'>
  /**
   * Ask for a password reset
   *
   * Mails a link that sets a new password. It works once, for one hour.
   *
   * `POST /api/v1/auth/forgot-password`
   */
  forgotPassword(body: PasswordForgotten, options?: CallOptions): Call<PasswordResetRequested, 'platform.auth.forgotPassword'>
  /**
   * Set a new password with a reset link
   *
   * Sets the password and ends every session of the account.
   *
   * `POST /api/v1/auth/reset-password`
   */
  resetPassword(body: PasswordReset, options?: CallOptions): Call<void, 'platform.auth.resetPassword'>
}

export interface PlatformMeApi {
  /**
   * Who am I
   *
   * The person, the organization and the plan that the credential stands for. Any valid credential will do.
   *
   * `GET /api/v1/me`
   */
  get(options?: CallOptions): Call<Me, 'platform.me.get'>
  /**
   * Change my password
   *
   * Sets a new password and ends every other session of the account.
   *
   * `POST /api/v1/me/change-password`
   */
  changePassword(body: PasswordChange, options?: IdempotentCallOptions): Call<void, 'platform.me.changePassword'>
}

export interface PlatformMembersApi {
  /**
   * List the members
   *
   * Everybody in the organization, by user id.
   *
   * `GET /api/v1/me/members`
   */
  list(query?: Query<'platform.members.list'>, options?: CallOptions): List<Member[], Member, 'platform.members.list'>
  /**
   * Change a member’s role
   *
   * Holds at once for the member’s sessions and tokens. The only owner cannot step down.
   *
   * `PATCH /api/v1/me/members/{userId}`
   */
  update(userId: PathId<'platform.members.update', 'userId'>, body: MemberUpdate, options?: IdempotentCallOptions): Call<Member, 'platform.members.update'>
}

export interface PlatformWebhookSecretApi {
  /**
   * Read the webhook secret
   *
   * The secret that signs the organization’s webhooks. Every read is audited.
   *
   * `GET /api/v1/me/webhook-secret`
   */
  get(options?: CallOptions): Call<WebhookSecret, 'platform.webhookSecret.get'>
  /**
   * Replace the webhook secret
   *
   * Makes a new secret; the old one stops signing at once, so update receivers with the answer.
   *
   * `POST /api/v1/me/webhook-secret/rotate`
   */
  rotate(options?: IdempotentCallOptions): Call<WebhookSecretRotated, 'platform.webhookSecret.rotate'>
}

export interface PlatformTokensApi {
  /**
   * List my tokens
   *
   * The caller’s tokens in this organization, newest first, revoked ones included.
   *
   * `GET /api/v1/me/tokens`
   */
  list(query?: Query<'platform.tokens.list'>, options?: CallOptions): List<Token[], Token, 'platform.tokens.list'>
  /**
   * Mint a token
   *
   * The secret is answered once and kept only as a hash.
   *
   * `POST /api/v1/me/tokens`
   */
  create(body: TokenCreate, options?: IdempotentCallOptions): Call<TokenCreated, 'platform.tokens.create'>
  /**
   * Revoke a token
   *
   * It stops working at once. A token may always revoke itself; revoking twice is fine.
   *
   * `DELETE /api/v1/me/tokens/{id}`
   */
  delete(id: PathId<'platform.tokens.delete', 'id'>, options?: IdempotentCallOptions): Call<void, 'platform.tokens.delete'>
}

export interface PlatformAuditLogsApi {
  /**
   * Read the audit log
   *
   * Newest first. With `format=csv` it is a download of everything that fits the filters, and that download is itself
   * audited.
   *
   * `GET /api/v1/audit-logs`
   */
  list(query: Query<'platform.auditLogs.list'> & { format: 'csv' }, options?: CallOptions): Call<string, 'platform.auditLogs.list'>
  /**
   * Read the audit log
   *
   * Newest first. With `format=csv` it is a download of everything that fits the filters, and that download is itself
   * audited.
   *
   * `GET /api/v1/audit-logs`
   */
  list(query?: Query<'platform.auditLogs.list'> & { format?: 'json' }, options?: CallOptions): List<AuditLog[], AuditLog, 'platform.auditLogs.list'>
  /**
   * Verify the audit log
   *
   * Every row is sealed, soon after it is written, by a hash over itself and the seal before it. This computes all of
   * them anew. What was sealed and then changed, removed or slipped in shows as the first break; that the end was not
   * cut off shows against a `head` of an earlier answer.
   *
   * `GET /api/v1/audit-logs/verify`
   */
  verify(query?: Query<'platform.auditLogs.verify'>, options?: CallOptions): Call<AuditVerification, 'platform.auditLogs.verify'>
}

export interface PlatformHealthApi {
  /**
   * Is the process alive
   *
   * Touches nothing else.
   *
   * `GET /health/live`
   */
  live(options?: CallOptions): Call<Alive, 'platform.health.live'>
  /**
   * Can requests be served
   *
   * Asks every dependency and answers 503 while one that requests need is `unavailable`, or while the server shuts
   * down. `database`: `unavailable` while it does not answer, or can no longer keep what it acknowledged, and
   * `degraded` while its disk is so full that it only reads. `checks`, in processes that check monitors: `unavailable`
   * while monitors are no longer checked, because the scheduler has stalled. `limits`, where requests are limited:
   * `degraded` while the processes cannot share their counters and each counts for itself. `degraded` is still 200.
   *
   * `GET /health/ready`
   */
  ready(options?: CallOptions): Call<Ready, 'platform.health.ready'>
  /**
   * Metrics for Prometheus
   *
   * Asks for a bearer token if the operator has set one.
   *
   * `GET /metrics`
   */
  metrics(options?: CallOptions): Call<string, 'platform.health.metrics'>
  /**
   * What runs here
   *
   * The version of the service and the fingerprint of its contract.
   *
   * `GET /version`
   */
  version(options?: CallOptions): Call<Version, 'platform.health.version'>
}

export interface PlatformDocsApi {
  /**
   * All error codes
   *
   * JSON, or a page for readers that ask for HTML.
   *
   * `GET /docs/errors`
   */
  errors(options?: CallOptions): Call<ErrorDescription[], 'platform.docs.errors'>
  /**
   * One error code
   *
   * JSON, or a page for readers that ask for HTML.
   *
   * `GET /docs/errors/{code}`
   */
  error(code: PathId<'platform.docs.error', 'code'>, options?: CallOptions): Call<ErrorDescription, 'platform.docs.error'>
  /**
   * The contract as YAML
   *
   * The committed document, byte for byte.
   *
   * `GET /openapi.yaml`
   */
  documentYaml(options?: CallOptions): Call<string, 'platform.docs.documentYaml'>
}

export interface PlatformToolCataloguesApi {
  /**
   * Which tools for agents there are
   *
   * The catalogues with their hashes, and for each tool the request that a call of it becomes.
   *
   * `GET /openapi/tools-index.json`
   */
  index(options?: CallOptions): Call<ToolIndex, 'platform.toolCatalogues.index'>
  /**
   * Tools in the format of OpenAI
   *
   * The value of `tools` when asking for a chat completion. Reads, and those changes that are safe to leave to an
   * agent; an operation says so with `x-agent`.
   *
   * `GET /openapi/openai-tools.json`
   */
  openai(options?: CallOptions): Call<OpenaiTool[], 'platform.toolCatalogues.openai'>
  /**
   * Tools in the format of Anthropic
   *
   * The value of `tools` when asking for a message. Reads, and those changes that are safe to leave to an agent; an
   * operation says so with `x-agent`.
   *
   * `GET /openapi/anthropic-tools.json`
   */
  anthropic(options?: CallOptions): Call<AnthropicTool[], 'platform.toolCatalogues.anthropic'>
  /**
   * Tools in the format of LangChain
   *
   * Name, description and `args_schema` of structured tools, each with its request. Reads, and those changes that are
   * safe to leave to an agent; an operation says so with `x-agent`.
   *
   * `GET /openapi/langchain-tools.json`
   */
  langchain(options?: CallOptions): Call<LangchainTool[], 'platform.toolCatalogues.langchain'>
}

export interface PlatformApi {
  readonly auth: PlatformAuthApi
  readonly me: PlatformMeApi
  readonly members: PlatformMembersApi
  readonly webhookSecret: PlatformWebhookSecretApi
  readonly tokens: PlatformTokensApi
  readonly auditLogs: PlatformAuditLogsApi
  readonly health: PlatformHealthApi
  readonly docs: PlatformDocsApi
  readonly toolCatalogues: PlatformToolCataloguesApi
}

export interface UptimeMonitorsApi {
  /**
   * List monitors
   *
   * Newest first. A page is as long as `limit`; the next one begins `before` the last id of this one.
   *
   * `GET /api/v1/monitors`
   */
  list(query?: Query<'uptime.monitors.list'>, options?: CallOptions): List<Monitor[], Monitor, 'uptime.monitors.list'>
  /**
   * Create a monitor
   *
   * It is checked from now on, the first time within a minute, unless it is paused. The hosts of the target and of
   * alert URLs are resolved first: what leads into a private network is refused, what does not resolve is not.
   *
   * `POST /api/v1/monitors`
   */
  create(body: MonitorCreate, options?: IdempotentCallOptions): Call<MonitorCreated, 'uptime.monitors.create'>
  /**
   * Read a monitor
   *
   * Its configuration without secrets, and what the last check found.
   *
   * `GET /api/v1/monitors/{id}`
   */
  get(id: PathId<'uptime.monitors.get', 'id'>, options?: CallOptions): Call<Monitor, 'uptime.monitors.get'>
  /**
   * Change a monitor
   *
   * Changes the fields that are sent. Pausing stops the checks, resuming schedules the next one.
   *
   * `PATCH /api/v1/monitors/{id}`
   */
  update(id: PathId<'uptime.monitors.update', 'id'>, body: MonitorUpdate, options?: IdempotentCallOptions): Call<Monitor, 'uptime.monitors.update'>
  /**
   * Delete a monitor
   *
   * Deletes it with all that was found by it.
   *
   * `DELETE /api/v1/monitors/{id}`
   */
  delete(id: PathId<'uptime.monitors.delete', 'id'>, options?: IdempotentCallOptions): Call<void, 'uptime.monitors.delete'>
  /**
   * Read a monitor’s secrets
   *
   * Headers, alert addresses and the heartbeat token in plain text. Every read is audited.
   *
   * `GET /api/v1/monitors/{id}/secrets`
   */
  getSecrets(id: PathId<'uptime.monitors.getSecrets', 'id'>, options?: CallOptions): Call<MonitorSecrets, 'uptime.monitors.getSecrets'>
  /**
   * Send a test alert
   *
   * Sends a sample through every configured channel, the way a real alert goes, and says what came of it.
   *
   * `POST /api/v1/monitors/{id}/test-alert`
   */
  testAlert(id: PathId<'uptime.monitors.testAlert', 'id'>, options?: IdempotentCallOptions): Call<TestAlertReport, 'uptime.monitors.testAlert'>
  /**
   * Replace a heartbeat token
   *
   * Makes a new URL for a `heartbeat` monitor; the old one is dead at once.
   *
   * `POST /api/v1/monitors/{id}/rotate-heartbeat-token`
   */
  rotateHeartbeatToken(id: PathId<'uptime.monitors.rotateHeartbeatToken', 'id'>, options?: IdempotentCallOptions): Call<HeartbeatTokenRotated, 'uptime.monitors.rotateHeartbeatToken'>
  /**
   * Create several monitors
   *
   * Creates up to 100 in one transaction. Any fault, named by its index, and none is created.
   *
   * `POST /api/v1/monitors/bulk`
   */
  bulkCreate(body: MonitorBulkCreate, options?: IdempotentCallOptions): Call<MonitorsCreated, 'uptime.monitors.bulkCreate'>
  /**
   * Change several monitors
   *
   * Applies one change to up to 100 monitors in one transaction. An id that is missing, and none is changed.
   *
   * `PATCH /api/v1/monitors/bulk`
   */
  bulkUpdate(body: MonitorBulkUpdate, options?: IdempotentCallOptions): Call<MonitorsUpdated, 'uptime.monitors.bulkUpdate'>
  /**
   * Delete several monitors
   *
   * Deletes up to 100 monitors in one transaction. An id that is missing, and none is deleted.
   *
   * `DELETE /api/v1/monitors/bulk`
   */
  bulkDelete(body: MonitorBulkDelete, options?: IdempotentCallOptions): Call<MonitorsDeleted, 'uptime.monitors.bulkDelete'>
}

export interface UptimeCheckHistoryApi {
  /**
   * List the checks of a monitor
   *
   * Newest first. A page is as long as `limit`; the next one begins `before` the `cursor` of the last check of this
   * one. How long checks are kept is up to the operator, 90 days by default.
   *
   * `GET /api/v1/monitors/{id}/checks`
   */
  list(id: PathId<'uptime.checkHistory.list', 'id'>, query?: Query<'uptime.checkHistory.list'>, options?: CallOptions): List<Check[], Check, 'uptime.checkHistory.list'>
  /**
   * Read the figures of a monitor
   *
   * Uptime and response times over a while, and how the monitor stands to its uptime target. The window reaches back to
   * a full hour.
   *
   * `GET /api/v1/monitors/{id}/stats`
   */
  stats(id: PathId<'uptime.checkHistory.stats', 'id'>, query?: Query<'uptime.checkHistory.stats'>, options?: CallOptions): Call<MonitorStats, 'uptime.checkHistory.stats'>
  /**
   * Read the timeline of a monitor
   *
   * At most 288 pieces of time up to now, all of the same length and in step with the clock in UTC.
   *
   * `GET /api/v1/monitors/{id}/timeline`
   */
  timeline(id: PathId<'uptime.checkHistory.timeline', 'id'>, query?: Query<'uptime.checkHistory.timeline'>, options?: CallOptions): Call<MonitorTimeline, 'uptime.checkHistory.timeline'>
}

export interface UptimeIncidentsApi {
  /**
   * List incidents
   *
   * Newest first. A page is as long as `limit`; the next one begins `before` the last id of this one.
   *
   * `GET /api/v1/incidents`
   */
  list(query?: Query<'uptime.incidents.list'>, options?: CallOptions): List<Incident[], Incident, 'uptime.incidents.list'>
  /**
   * Read an incident
   *
   * The incident with what was written of it.
   *
   * `GET /api/v1/incidents/{id}`
   */
  get(id: PathId<'uptime.incidents.get', 'id'>, options?: CallOptions): Call<IncidentWithUpdates, 'uptime.incidents.get'>
  /**
   * Post an update to an incident
   *
   * Says in public where the incident stands: on the status pages that show the monitor, and to their subscribers.
   *
   * `POST /api/v1/incidents/{id}/updates`
   */
  createUpdate(id: PathId<'uptime.incidents.createUpdate', 'id'>, body: IncidentUpdateCreate, options?: IdempotentCallOptions): Call<IncidentUpdate, 'uptime.incidents.createUpdate'>
  /**
   * Acknowledge an incident
   *
   * Somebody is at it: an alert that failed is not tried again. The incident stays open. Doing it again changes
   * nothing.
   *
   * `POST /api/v1/incidents/{id}/acknowledge`
   */
  acknowledge(id: PathId<'uptime.incidents.acknowledge', 'id'>, options?: IdempotentCallOptions): Call<Incident, 'uptime.incidents.acknowledge'>
  /**
   * Resolve an incident
   *
   * Ends it by hand. The monitor keeps its status until its next check; if that is bad again, another incident opens
   * after the threshold. Doing it again changes nothing.
   *
   * `POST /api/v1/incidents/{id}/resolve`
   */
  resolve(id: PathId<'uptime.incidents.resolve', 'id'>, body?: IncidentResolve, options?: IdempotentCallOptions): Call<Incident, 'uptime.incidents.resolve'>
  /**
   * Write the postmortem of an incident
   *
   * Replaces what was there. It is public: the status pages that show the monitor show it too.
   *
   * `PUT /api/v1/incidents/{id}/postmortem`
   */
  putPostmortem(id: PathId<'uptime.incidents.putPostmortem', 'id'>, body: PostmortemPut, options?: IdempotentCallOptions): Call<Incident, 'uptime.incidents.putPostmortem'>
  /**
   * List the alerts of an incident
   *
   * What was sent through which channel, and what came of it. Oldest first.
   *
   * `GET /api/v1/incidents/{id}/deliveries`
   */
  listDeliveries(id: PathId<'uptime.incidents.listDeliveries', 'id'>, options?: CallOptions): Call<IncidentDelivery[], 'uptime.incidents.listDeliveries'>
}

export interface UptimeMaintenanceWindowsApi {
  /**
   * List maintenance windows
   *
   * Newest first. A page is as long as `limit`; the next one begins `before` the last id of this one.
   *
   * `GET /api/v1/maintenance-windows`
   */
  list(query?: Query<'uptime.maintenanceWindows.list'>, options?: CallOptions): List<MaintenanceWindow[], MaintenanceWindow, 'uptime.maintenanceWindows.list'>
  /**
   * Schedule a maintenance window
   *
   * Checks keep running and are kept, but what they find opens no incident, alerts nobody and does not count against
   * the uptime.
   *
   * `POST /api/v1/maintenance-windows`
   */
  create(body: MaintenanceWindowCreate, options?: IdempotentCallOptions): Call<MaintenanceWindow, 'uptime.maintenanceWindows.create'>
  /**
   * Read a maintenance window
   *
   * When it is, and for which monitors.
   *
   * `GET /api/v1/maintenance-windows/{id}`
   */
  get(id: PathId<'uptime.maintenanceWindows.get', 'id'>, options?: CallOptions): Call<MaintenanceWindow, 'uptime.maintenanceWindows.get'>
  /**
   * Cancel a maintenance window
   *
   * One that has not begun is gone. One that is in force ends now, and stays listed as what was; so does one that has
   * ended, which does not change.
   *
   * `DELETE /api/v1/maintenance-windows/{id}`
   */
  delete(id: PathId<'uptime.maintenanceWindows.delete', 'id'>, options?: IdempotentCallOptions): Call<void, 'uptime.maintenanceWindows.delete'>
}

export interface UptimeHeartbeatsApi {
  /**
   * Send a heartbeat
   *
   * Tells the monitor that its job has run. It is up from now on, and its incident is resolved; while it is paused the
   * heartbeat is only noted. A body is not read. Once this is answered it is stored.
   *
   * `POST /api/v1/heartbeats/{token}`
   */
  ping(token: PathId<'uptime.heartbeats.ping', 'token'>, options?: CallOptions): Call<void, 'uptime.heartbeats.ping'>
}

export interface UptimeRegionsApi {
  /**
   * List the regions
   *
   * The regions beside `local`: how many monitors are checked from there, by which agents and how late.
   *
   * `GET /api/v1/regions`
   */
  list(options?: CallOptions): Call<Region[], 'uptime.regions.list'>
  /**
   * Begin to check from a region
   *
   * Lets an agent check the organization’s `http` and `https` monitors from a region. Its key holds as long as the
   * credential that this was called with, and while it is used at least once in an hour.
   *
   * `POST /api/v1/regions/agents`
   */
  startAgent(body: RegionAgentStart, options?: IdempotentCallOptions): Call<RegionAgentStarted, 'uptime.regions.startAgent'>
  /**
   * Claim checks that are due
   *
   * Hands out checks of the agent’s region and organization, each to one agent at a time, with the headers to send. A
   * check that is not reported before its claim ends goes to whoever asks next.
   *
   * `POST /api/v1/regions/claims`
   */
  claim(body: RegionClaim, options?: CallOptions): Call<RegionWork, 'uptime.regions.claim'>
  /**
   * Report the results of checks
   *
   * Stores what claimed checks found. Each becomes its region’s vote: a monitor is down when more than half of the
   * regions that reported within two intervals say so, and degraded when only some do. A vote that changes the verdict
   * makes the local check due at once, so an incident waits for nothing but that.
   *
   * `POST /api/v1/regions/results`
   */
  report(body: RegionReport, options?: CallOptions): Call<RegionReported, 'uptime.regions.report'>
}

export interface UptimeBadgesApi {
  /**
   * A monitor’s badge
   *
   * An SVG image for other sites, with `up`, `degraded`, `down`, `paused` or, before the first check, `unknown`. Only
   * for monitors on a public status page without a password or a list of addresses.
   *
   * `GET /api/v1/badge/monitors/{id}.svg`
   */
  get(id: PathId<'uptime.badges.get', 'id'>, options?: CallOptions): Call<string, 'uptime.badges.get'>
}

export interface UptimeWebhookSubscriptionsApi {
  /**
   * List webhook subscriptions
   *
   * Newest first. A page is as long as `limit`; the next one begins `before` the last id of this one.
   *
   * `GET /api/v1/webhook-subscriptions`
   */
  list(query?: Query<'uptime.webhookSubscriptions.list'>, options?: CallOptions): List<WebhookSubscription[], WebhookSubscription, 'uptime.webhookSubscriptions.list'>
  /**
   * Subscribe to events
   *
   * Every event from now on is posted to the URL as `{"id", "type", "created", "data"}`, signed with the webhook secret
   * of the organization: in `X-24Observe-Signature`, and after Standard Webhooks in `webhook-signature`, whose key is
   * the same secret, `whsec_` and base64 of its 64 characters. Anything but 2xx within 10 seconds is a failure and is
   * tried again after about 30 seconds, 5 minutes, 30 minutes and 2 hours. An event may arrive more than once, with the
   * same `webhook-id`; each attempt has an `X-24Observe-Delivery-Id` of its own. Events of one monitor arrive in the
   * order they happened. While a receiver is away (no answer, 408, 425, 429, 502, 503, 504) everything waits for the
   * next attempt, in order. After another 5xx everything waits for the second attempt; when that fails as well, and
   * after each further attempt that fails, one other event shows what it means: if the receiver is down they wait
   * together, and if the other one is taken the failure is the first event's own. Then, as after 3xx and 4xx, only
   * later events of the same monitor wait behind it. After ten deliveries in a row that were given up it is disabled,
   * and the owners of the organization get a mail. Events that happen while it is disabled are not sent; what was
   * waiting before is kept, and goes when it is enabled again. An organization has at most 100 subscriptions.
   *
   * `POST /api/v1/webhook-subscriptions`
   */
  create(body: WebhookSubscriptionCreate, options?: IdempotentCallOptions): Call<WebhookSubscription, 'uptime.webhookSubscriptions.create'>
  /**
   * Read a webhook subscription
   *
   * What it is set to, and how its last delivery went.
   *
   * `GET /api/v1/webhook-subscriptions/{id}`
   */
  get(id: PathId<'uptime.webhookSubscriptions.get', 'id'>, options?: CallOptions): Call<WebhookSubscription, 'uptime.webhookSubscriptions.get'>
  /**
   * Change a webhook subscription
   *
   * Changes the fields that are sent. Enabling it again, or another URL, tries at once what has been waiting.
   *
   * `PATCH /api/v1/webhook-subscriptions/{id}`
   */
  update(id: PathId<'uptime.webhookSubscriptions.update', 'id'>, body: WebhookSubscriptionUpdate, options?: IdempotentCallOptions): Call<WebhookSubscription, 'uptime.webhookSubscriptions.update'>
  /**
   * Delete a webhook subscription
   *
   * Deletes it with its deliveries, sent or not.
   *
   * `DELETE /api/v1/webhook-subscriptions/{id}`
   */
  delete(id: PathId<'uptime.webhookSubscriptions.delete', 'id'>, options?: IdempotentCallOptions): Call<void, 'uptime.webhookSubscriptions.delete'>
  /**
   * List the deliveries of a webhook subscription
   *
   * Newest first, with the exact payloads. They are kept for 30 days.
   *
   * `GET /api/v1/webhook-subscriptions/{id}/deliveries`
   */
  listDeliveries(id: PathId<'uptime.webhookSubscriptions.listDeliveries', 'id'>, query?: Query<'uptime.webhookSubscriptions.listDeliveries'>, options?: CallOptions): List<WebhookDeliveryEntry[], WebhookDeliveryEntry, 'uptime.webhookSubscriptions.listDeliveries'>
}

export interface UptimeStatusPagesApi {
  /**
   * List status pages
   *
   * Newest first.
   *
   * `GET /api/v1/status-pages`
   */
  list(query?: Query<'uptime.statusPages.list'>, options?: CallOptions): List<StatusPage[], StatusPage, 'uptime.statusPages.list'>
  /**
   * Create a status page
   *
   * It can be read at `/status/{slug}` from now on, unless it is not public.
   *
   * `POST /api/v1/status-pages`
   */
  create(body: StatusPageCreate, options?: IdempotentCallOptions): Call<StatusPage, 'uptime.statusPages.create'>
  /**
   * Read a status page
   *
   * How it is set up, with its components. What visitors see of it is under `public`.
   *
   * `GET /api/v1/status-pages/{id}`
   */
  get(id: PathId<'uptime.statusPages.get', 'id'>, options?: CallOptions): Call<StatusPage, 'uptime.statusPages.get'>
  /**
   * Change a status page
   *
   * Changes the fields that are sent.
   *
   * `PATCH /api/v1/status-pages/{id}`
   */
  update(id: PathId<'uptime.statusPages.update', 'id'>, body: StatusPageUpdate, options?: IdempotentCallOptions): Call<StatusPage, 'uptime.statusPages.update'>
  /**
   * Delete a status page
   *
   * Deletes it with its subscribers.
   *
   * `DELETE /api/v1/status-pages/{id}`
   */
  delete(id: PathId<'uptime.statusPages.delete', 'id'>, options?: IdempotentCallOptions): Call<void, 'uptime.statusPages.delete'>
  /**
   * Set or clear the password
   *
   * Visitors need it from now on. Whoever had unlocked the page has to do so again.
   *
   * `PUT /api/v1/status-pages/{id}/password`
   */
  setPassword(id: PathId<'uptime.statusPages.setPassword', 'id'>, body: StatusPagePassword, options?: IdempotentCallOptions): Call<StatusPagePasswordSet, 'uptime.statusPages.setPassword'>
  /**
   * Put a monitor on a page
   *
   * It is shown last.
   *
   * `POST /api/v1/status-pages/{id}/components`
   */
  createComponent(id: PathId<'uptime.statusPages.createComponent', 'id'>, body: StatusPageComponentCreate, options?: IdempotentCallOptions): Call<StatusPageComponent, 'uptime.statusPages.createComponent'>
  /**
   * Take a monitor off a page
   *
   * The monitor itself stays.
   *
   * `DELETE /api/v1/status-pages/{id}/components/{cid}`
   */
  deleteComponent(id: PathId<'uptime.statusPages.deleteComponent', 'id'>, cid: PathId<'uptime.statusPages.deleteComponent', 'cid'>, options?: IdempotentCallOptions): Call<void, 'uptime.statusPages.deleteComponent'>
  /**
   * List subscribers
   *
   * Newest first, those who have not confirmed yet included.
   *
   * `GET /api/v1/status-pages/{id}/subscribers`
   */
  listSubscribers(id: PathId<'uptime.statusPages.listSubscribers', 'id'>, query?: Query<'uptime.statusPages.listSubscribers'>, options?: CallOptions): List<StatusPageSubscriber[], StatusPageSubscriber, 'uptime.statusPages.listSubscribers'>
  /**
   * Remove a subscriber
   *
   * They get no more mail, and are not told.
   *
   * `DELETE /api/v1/status-pages/{id}/subscribers/{sid}`
   */
  deleteSubscriber(id: PathId<'uptime.statusPages.deleteSubscriber', 'id'>, sid: PathId<'uptime.statusPages.deleteSubscriber', 'sid'>, options?: IdempotentCallOptions): Call<void, 'uptime.statusPages.deleteSubscriber'>
}

export interface UptimePublicStatusPagesApi {
  /**
   * What a status page shows
   *
   * Not there for pages that are not public, nor for addresses off the page’s list. With a password it takes an unlock
   * token, as the header X-Status-Page-Token or as the cookie.
   *
   * `GET /api/v1/status-pages/public/{slug}`
   */
  get(slug: PathId<'uptime.publicStatusPages.get', 'slug'>, options?: CallOptions): Call<PublicStatusPage, 'uptime.publicStatusPages.get'>
  /**
   * The status page of a host
   *
   * By its custom domain. Not there for pages that are not public, nor for addresses off the page’s list. With a
   * password it takes an unlock token, as the header X-Status-Page-Token or as the cookie.
   *
   * `GET /api/v1/status-pages/public/by-host/{host}`
   */
  getByHost(host: PathId<'uptime.publicStatusPages.getByHost', 'host'>, options?: CallOptions): Call<PublicStatusPage, 'uptime.publicStatusPages.getByHost'>
  /**
   * Incidents as an Atom feed
   *
   * An entry for each incident, which changes with every update. Not there for pages that are not public, nor for
   * addresses off the page’s list. With a password it takes an unlock token, as the header X-Status-Page-Token or as
   * the cookie.
   *
   * `GET /api/v1/status-pages/public/{slug}/feed.xml`
   */
  getFeed(slug: PathId<'uptime.publicStatusPages.getFeed', 'slug'>, options?: CallOptions): Call<string, 'uptime.publicStatusPages.getFeed'>
  /**
   * Unlock a status page
   *
   * Answers a token and sets it as a cookie that scripts cannot read. It lasts 12 hours.
   *
   * `POST /api/v1/status-pages/public/{slug}/unlock`
   */
  unlock(slug: PathId<'uptime.publicStatusPages.unlock', 'slug'>, body: StatusPageUnlock, options?: CallOptions): Call<StatusPageUnlocked, 'uptime.publicStatusPages.unlock'>
  /**
   * Ask for mail about incidents
   *
   * Sends a mail with a link that has to be followed within 48 hours. The answer is the same for every address.
   *
   * `POST /api/v1/status-pages/public/{slug}/subscribe`
   */
  subscribe(slug: PathId<'uptime.publicStatusPages.subscribe', 'slug'>, body: StatusPageSubscribe, options?: CallOptions): Call<StatusPageNotice, 'uptime.publicStatusPages.subscribe'>
  /**
   * Confirm an address
   *
   * What the link in the mail leads to: a page for browsers, else JSON. Following it again is fine.
   *
   * `GET /api/v1/status-pages/public/{slug}/subscribe/confirm`
   */
  confirmSubscription(slug: PathId<'uptime.publicStatusPages.confirmSubscription', 'slug'>, query: Query<'uptime.publicStatusPages.confirmSubscription'>, options?: CallOptions): Call<StatusPageNotice, 'uptime.publicStatusPages.confirmSubscription'>
  /**
   * End a subscription
   *
   * What the link in every mail leads to: a page for browsers, else JSON.
   *
   * `GET /api/v1/status-pages/public/unsubscribe`
   */
  unsubscribe(query: Query<'uptime.publicStatusPages.unsubscribe'>, options?: CallOptions): Call<StatusPageNotice, 'uptime.publicStatusPages.unsubscribe'>
  /**
   * End a subscription from a mail program
   *
   * The one click of RFC 8058. What is sent as a body is not read.
   *
   * `POST /api/v1/status-pages/public/unsubscribe`
   */
  unsubscribeByMail(query: Query<'uptime.publicStatusPages.unsubscribeByMail'>, options?: CallOptions): Call<StatusPageNotice, 'uptime.publicStatusPages.unsubscribeByMail'>
}

export interface UptimeApi {
  readonly monitors: UptimeMonitorsApi
  readonly checkHistory: UptimeCheckHistoryApi
  readonly incidents: UptimeIncidentsApi
  readonly maintenanceWindows: UptimeMaintenanceWindowsApi
  readonly heartbeats: UptimeHeartbeatsApi
  readonly regions: UptimeRegionsApi
  readonly badges: UptimeBadgesApi
  readonly webhookSubscriptions: UptimeWebhookSubscriptionsApi
  readonly statusPages: UptimeStatusPagesApi
  readonly publicStatusPages: UptimePublicStatusPagesApi
}

export interface Client {
  readonly platform: PlatformApi
  readonly uptime: UptimeApi
}
