import { z } from '../primitives.ts'
import { MonitorCreated, monitorExample } from './monitors.schemas.ts'

export const MonitorsCreated = z
  .object({ created: z.int(), monitors: z.array(MonitorCreated).max(100) })
  .openapi('MonitorsCreated', {
    description: 'The new monitors, in the order of the request.',
    example: { created: 1, monitors: [monitorExample] },
  })

export const MonitorsUpdated = z
  .object({ updated: z.int(), ids: z.array(z.int()).max(100) })
  .openapi('MonitorsUpdated', {
    description: 'The monitors that the change was applied to.',
    example: { updated: 2, ids: [41, 42] },
  })

export const MonitorsDeleted = z
  .object({ deleted: z.int(), ids: z.array(z.int()).max(100) })
  .openapi('MonitorsDeleted', {
    description: 'The monitors that are gone.',
    example: { deleted: 2, ids: [41, 42] },
  })

export const MonitorSecrets = z
  .object({
    id: z.int(),
    heartbeatToken: z.string().nullable().openapi({ description: '64 hexadecimal digits; `null` for other types.' }),
    headers: z.record(z.string(), z.string()).nullable(),
    alertWebhookUrl: z.string().nullable(),
    alertSlackUrl: z.string().nullable(),
    alertDiscordUrl: z.string().nullable(),
    alertMsteamsUrl: z.string().nullable(),
    alertTelegramBotToken: z.string().nullable(),
    alertTelegramChatId: z.string().nullable(),
    alertPagerdutyRoutingKey: z.string().nullable(),
    alertOpsgenieApiKey: z.string().nullable(),
  })
  .openapi('MonitorSecrets', {
    description: 'Everything secret of one monitor; `null` is what is not set.',
    example: {
      id: 42,
      heartbeatToken: null,
      headers: { Authorization: 'Bearer of-the-monitored-service' },
      alertWebhookUrl: 'https://hooks.example.com/alerts',
      alertSlackUrl: null,
      alertDiscordUrl: null,
      alertMsteamsUrl: null,
      alertTelegramBotToken: null,
      alertTelegramChatId: null,
      alertPagerdutyRoutingKey: null,
      alertOpsgenieApiKey: null,
    },
  })

const heartbeatToken = '9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08'

export const HeartbeatTokenRotated = z
  .object({ id: z.int(), heartbeatToken: z.string(), heartbeatUrl: z.string() })
  .openapi('HeartbeatTokenRotated', {
    description: 'The new token, and the URL to call regularly.',
    example: {
      id: 42,
      heartbeatToken,
      heartbeatUrl: `https://owlery.example.com/api/v1/heartbeats/${heartbeatToken}`,
    },
  })

export const alertChannels = [
  'email',
  'webhook',
  'slack',
  'discord',
  'teams',
  'telegram',
  'pagerduty',
  'opsgenie',
] as const

export type AlertChannel = (typeof alertChannels)[number]

export const TestAlertReport = z
  .object({
    results: z
      .array(
        z.object({
          channel: z.enum(alertChannels),
          configured: z.boolean(),
          ok: z
            .boolean()
            .openapi({ description: 'Whether the other side took it. False if there was nothing to try.' }),
          error: z.string().optional(),
        }),
      )
      .max(alertChannels.length),
  })
  .openapi('TestAlertReport', {
    description: 'What became of the test alert, channel by channel.',
    example: {
      results: [
        { channel: 'email', configured: true, ok: true },
        { channel: 'slack', configured: true, ok: false, error: 'the host name has no address' },
        { channel: 'opsgenie', configured: false, ok: false },
      ],
    },
  })
