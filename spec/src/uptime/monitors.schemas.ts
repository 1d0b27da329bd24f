import { email, integerOf, text, textMap, timestamp, z } from '../primitives.ts'

export const monitorTypes = [
  'http',
  'https',
  'tcp',
  'ping',
  'port',
  'ssl',
  'keyword',
  'heartbeat',
  'dns',
  'smtp',
] as const
export type MonitorType = (typeof monitorTypes)[number]

export const monitorRegions = ['local', 'weur', 'enam', 'apac', 'oc', 'sam', 'afr'] as const

export const monitorStatuses = ['up', 'degraded', 'down'] as const
export type MonitorStatus = (typeof monitorStatuses)[number]

const keywordMatchType = z.enum(['contains', 'not_contains'])
/** As far as ids go in the database. */
export const monitorId = z.int().min(1).max(2147483647)
const interval = integerOf([30, 60, 300, 900, 1800, 3600])
const alertUrl = text(1, 2048).openapi({ description: 'An http or https URL. Kept secret.' }).nullable().optional()

/** A field name of HTTP; the first character keeps out what no header is called. */
const headerNames = { pattern: /^[A-Za-z0-9][!#$%&'*+.^_`|~0-9A-Za-z-]{0,99}$/, fault: 'Not a header name' }
/** No line breaks, which would end the header. */
const headerValue = z
  .string()
  .max(4096)
  .regex(/^[\t -~\u0080-\u00ff]*$/, 'Not a header value')

export const monitorTag = z
  .string()
  .max(50)
  .regex(/^[a-z0-9][a-z0-9_.:-]*$/, 'Not a lowercase slug')
  .openapi({ example: 'production' })

export const monitorName = text(1, 255).openapi({ description: 'Unique in the organization.' })
export const monitorUrl = text(1, 2048).openapi({
  description:
    'What to check: a URL for `http`, `https` and `keyword`; a host, with or without a port, for the others; for `heartbeat` any text, since nothing is called.',
})
export const monitorInterval = interval.openapi({ description: 'Seconds between checks. The plan sets the least.' })

/** What a caller may set when creating and when changing; `null` clears. */
export const monitorSettings = {
  timeoutMs: z.int().min(1000).max(30000).optional().openapi({
    description: 'For all of a check: looking up the name, connecting and the answer. Absent when creating: 10000.',
  }),
  headers: textMap(headerNames, headerValue, 20)
    .nullable()
    .optional()
    .openapi({ description: 'Sent with HTTP checks. Kept secret. They are replaced as a whole.' }),
  expectedStatusCode: z.int().min(100).max(599).nullable().optional().openapi({
    description: 'Exactly this status is up; if it is a redirect, it is not followed. `null`: any below 400 is up.',
  }),
  degradedResponseTimeMs: z.int().min(1).max(30000).nullable().optional().openapi({
    description: 'Slower than this is degraded.',
  }),
  port: z.int().min(1).max(65535).nullable().optional().openapi({
    description: 'Needed by `port` and `tcp` where the URL has none; `smtp` uses 25 otherwise.',
  }),
  keyword: text(1, 500).nullable().optional().openapi({ description: 'Needed by `keyword`.' }),
  keywordMatchType: keywordMatchType.optional().openapi({ description: 'Absent when creating: `contains`.' }),
  heartbeatGraceSec: z.int().min(0).max(86400).optional().openapi({
    description: 'How late a heartbeat may be. Absent when creating: 60.',
  }),
  alertThreshold: z.int().min(1).max(10).optional().openapi({
    description: 'Bad checks in a row before an incident opens. Absent when creating: 1.',
  }),
  alertOnDegraded: z.boolean().optional().openapi({ description: 'Whether degraded counts as a bad check.' }),
  alertEmail: email.nullable().optional(),
  alertWebhookUrl: alertUrl,
  alertSlackUrl: alertUrl,
  alertDiscordUrl: alertUrl,
  alertMsteamsUrl: alertUrl,
  alertTelegramBotToken: text(1, 255).nullable().optional().openapi({
    description: 'Only together with `alertTelegramChatId`. Both are kept secret.',
  }),
  alertTelegramChatId: text(1, 255).nullable().optional(),
  alertPagerdutyRoutingKey: text(1, 255).nullable().optional().openapi({ description: 'Kept secret.' }),
  alertOpsgenieApiKey: text(1, 255).nullable().optional().openapi({ description: 'Kept secret.' }),
  tags: z.array(monitorTag).max(20).optional(),
  regions: z.array(z.enum(monitorRegions)).max(7).optional().openapi({
    description: 'Where to check from. `local` always does; the others only for `http` and `https`.',
  }),
  uptimeTargetBp: z.int().min(1).max(1000).optional().openapi({
    description: 'The uptime aimed for, in tenths of a percent: 999 is 99.9 %. Absent when creating: 999.',
  }),
  uptimeWindowDays: z.int().min(1).max(90).optional().openapi({
    description: 'The days that the target is judged over. Absent when creating: 30.',
  }),
  paused: z.boolean().optional().openapi({ description: 'A paused monitor is not checked and keeps its last status.' }),
  dependsOn: z.array(monitorId).max(20).nullable().optional().openapi({
    description:
      'Owlery’s own: the monitors that this one is behind, such as its router. An incident of this one that begins while one of them is down alerts nobody of its beginning, unless it lasts on after that one is up again. An id named twice counts once; circles are refused; `null` is none.',
  }),
  escalationPolicyId: z.null().optional().openapi({ description: 'There are no escalation policies yet.' }),
}

const shown = {
  id: z.int(),
  organizationId: z.int(),
  name: z.string(),
  url: z.string(),
  type: z.enum(monitorTypes),
  intervalSec: z.int(),
  timeoutMs: z.int(),
  expectedStatusCode: z.int().nullable(),
  degradedResponseTimeMs: z.int().nullable(),
  port: z.int().nullable(),
  keyword: z.string().nullable(),
  keywordMatchType,
  alertEmail: z.string().nullable(),
  alertThreshold: z.int(),
  alertOnDegraded: z.boolean(),
  consecutiveFailures: z.int(),
  lastStatus: z.enum(monitorStatuses).nullable().openapi({ description: '`null`: never checked.' }),
  lastCheckedAt: timestamp.nullable(),
  paused: z.boolean(),
  heartbeatGraceSec: z.int(),
  heartbeatLastReceivedAt: timestamp.nullable(),
  uptimeTargetBp: z.int().openapi({ description: 'Tenths of a percent.' }),
  uptimeWindowDays: z.int(),
  sloBreachOpen: z.boolean(),
  createdAt: timestamp,
  tags: z.array(z.string()),
  regions: z.array(z.enum(monitorRegions)),
  escalationPolicyId: z.int().nullable(),
  dependsOn: z.array(z.int()).openapi({ description: 'Owlery’s own: the monitors that this one is behind, by id.' }),
  hasAlertWebhook: z.boolean(),
  hasAlertSlack: z.boolean(),
  hasAlertDiscord: z.boolean(),
  hasAlertMsteams: z.boolean(),
  hasAlertTelegram: z.boolean(),
  hasAlertPagerduty: z.boolean(),
  hasAlertOpsgenie: z.boolean(),
  hasAlertSms: z.boolean().openapi({ description: 'Always false: the service sends no SMS.' }),
  hasAlertVoice: z.boolean().openapi({ description: 'Always false: the service makes no calls.' }),
  hasHeaders: z.boolean(),
}

export const monitorExample = {
  id: 42,
  organizationId: 1,
  name: 'Shop',
  url: 'https://shop.example.com/health',
  type: 'https',
  intervalSec: 60,
  timeoutMs: 10000,
  expectedStatusCode: 200,
  degradedResponseTimeMs: 1500,
  port: null,
  keyword: null,
  keywordMatchType: 'contains',
  alertEmail: 'ada@example.com',
  alertThreshold: 2,
  alertOnDegraded: false,
  consecutiveFailures: 0,
  lastStatus: 'up',
  lastCheckedAt: '2026-05-13T18:01:00.000Z',
  paused: false,
  heartbeatGraceSec: 60,
  heartbeatLastReceivedAt: null,
  uptimeTargetBp: 999,
  uptimeWindowDays: 30,
  sloBreachOpen: false,
  createdAt: '2026-05-13T18:00:00.000Z',
  tags: ['production', 'shop'],
  regions: ['local'],
  escalationPolicyId: null,
  dependsOn: [41],
  hasAlertWebhook: true,
  hasAlertSlack: false,
  hasAlertDiscord: false,
  hasAlertMsteams: false,
  hasAlertTelegram: false,
  hasAlertPagerduty: false,
  hasAlertOpsgenie: false,
  hasAlertSms: false,
  hasAlertVoice: false,
  hasHeaders: false,
}

export const Monitor = z.object(shown).openapi('Monitor', {
  description: 'A monitor as everybody in the organization may see it: of secrets only whether they are set.',
  example: monitorExample,
})

export const MonitorCreated = z
  .object({
    ...shown,
    heartbeatToken: z.string().optional().openapi({
      description:
        'For `heartbeat`: the token as it is stored, sealed. The token itself comes from the secrets or from rotating it.',
    }),
  })
  .openapi('MonitorCreated', {
    description: 'The new monitor.',
    example: monitorExample,
  })
