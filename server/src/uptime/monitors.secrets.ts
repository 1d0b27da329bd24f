import { randomBytes } from 'node:crypto'
import type { MonitorsTable } from '../db/tables.ts'
import type { SecretBox } from '../security/secrets.ts'
import { hashToken } from '../security/tokens.ts'

/** What callers give and never see again in a monitor. `undefined`: not given; `null`: shall be none. */
export type GivenSecrets = {
  readonly headers?: Readonly<Record<string, string>> | null | undefined
  readonly alertWebhookUrl?: string | null | undefined
  readonly alertSlackUrl?: string | null | undefined
  readonly alertDiscordUrl?: string | null | undefined
  readonly alertMsteamsUrl?: string | null | undefined
  readonly alertTelegramBotToken?: string | null | undefined
  readonly alertTelegramChatId?: string | null | undefined
  readonly alertPagerdutyRoutingKey?: string | null | undefined
  readonly alertOpsgenieApiKey?: string | null | undefined
}

export type SealedColumns = Pick<MonitorsTable, Extract<keyof MonitorsTable, `sealed_${string}`>>
type GivenColumns = Omit<SealedColumns, 'sealed_heartbeat_token'>

const place = (column: keyof SealedColumns, id: number) => `monitors.${column}:${id}`

/** Only the columns of what was given. */
export function sealSecrets(box: SecretBox, id: number, given: GivenSecrets): Partial<GivenColumns> {
  const seal = (column: keyof GivenColumns, plaintext: string | null | undefined) =>
    plaintext === undefined ? {} : { [column]: plaintext === null ? null : box.seal(plaintext, place(column, id)) }
  return {
    ...seal('sealed_headers', given.headers && JSON.stringify(given.headers)),
    ...seal('sealed_alert_webhook_url', given.alertWebhookUrl),
    ...seal('sealed_alert_slack_url', given.alertSlackUrl),
    ...seal('sealed_alert_discord_url', given.alertDiscordUrl),
    ...seal('sealed_alert_msteams_url', given.alertMsteamsUrl),
    ...seal('sealed_alert_telegram_bot_token', given.alertTelegramBotToken),
    ...seal('sealed_alert_telegram_chat_id', given.alertTelegramChatId),
    ...seal('sealed_alert_pagerduty_routing_key', given.alertPagerdutyRoutingKey),
    ...seal('sealed_alert_opsgenie_api_key', given.alertOpsgenieApiKey),
  }
}

export function openSecrets(box: SecretBox, row: SealedColumns & { readonly id: number }) {
  const open = (column: keyof SealedColumns) => {
    const sealed = row[column]
    return sealed === null ? null : box.open(sealed, place(column, row.id))
  }
  return {
    id: row.id,
    heartbeatToken: open('sealed_heartbeat_token'),
    headers: openHeaders(box, row),
    alertWebhookUrl: open('sealed_alert_webhook_url'),
    alertSlackUrl: open('sealed_alert_slack_url'),
    alertDiscordUrl: open('sealed_alert_discord_url'),
    alertMsteamsUrl: open('sealed_alert_msteams_url'),
    alertTelegramBotToken: open('sealed_alert_telegram_bot_token'),
    alertTelegramChatId: open('sealed_alert_telegram_chat_id'),
    alertPagerdutyRoutingKey: open('sealed_alert_pagerduty_routing_key'),
    alertOpsgenieApiKey: open('sealed_alert_opsgenie_api_key'),
  }
}

/** What a check needs of the secrets. Throws where they cannot be decrypted. */
export function openHeaders(
  box: SecretBox,
  { id, sealed_headers }: Pick<SealedColumns, 'sealed_headers'> & { readonly id: number },
): Record<string, string> | null {
  return sealed_headers === null ? null : toHeaders(box.open(sealed_headers, place('sealed_headers', id)))
}

/** The plaintext is for the caller who rotates; a ping is found by the hash, the secrets are read from the envelope. */
export function mintHeartbeatToken(box: SecretBox, id: number) {
  const plaintext = randomBytes(32).toString('hex')
  return {
    plaintext,
    columns: {
      sealed_heartbeat_token: box.seal(plaintext, place('sealed_heartbeat_token', id)),
      heartbeat_token_hash: hashToken(plaintext),
    },
  }
}

function toHeaders(json: string): Record<string, string> {
  const parsed: unknown = JSON.parse(json)
  if (typeof parsed !== 'object' || parsed === null) throw new Error('stored headers are not an object')
  const headers: Record<string, string> = {}
  for (const [name, value] of Object.entries(parsed)) if (typeof value === 'string') headers[name] = value
  return headers
}
