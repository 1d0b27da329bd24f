export type KeyColumn = { readonly name: string; readonly type: 'integer' | 'text' | 'bytea' }

/** A table with columns of envelopes, as rotating the encryption key needs to know it. */
export type SealedTable = {
  readonly table: string
  readonly key: readonly [KeyColumn, ...KeyColumn[]]
  readonly columns: readonly [string, ...string[]]
  /** The columns hold other text too; what is no envelope is left alone. */
  readonly isMixed?: true
}

/**
 * Every column that holds envelopes. One that is missing here would become unreadable when an old key is taken away, so
 * a test compares the list with the tables: a column of envelopes is called `sealed_…`.
 */
export const sealedTables: readonly SealedTable[] = [
  {
    table: 'monitors',
    key: [{ name: 'id', type: 'integer' }],
    columns: [
      'sealed_headers',
      'sealed_alert_webhook_url',
      'sealed_alert_slack_url',
      'sealed_alert_discord_url',
      'sealed_alert_msteams_url',
      'sealed_alert_telegram_bot_token',
      'sealed_alert_telegram_chat_id',
      'sealed_alert_pagerduty_routing_key',
      'sealed_alert_opsgenie_api_key',
      'sealed_heartbeat_token',
    ],
  },
  {
    table: 'organization_secrets',
    key: [{ name: 'organization_id', type: 'integer' }],
    columns: ['sealed_webhook_secret'],
  },
  {
    table: 'status_page_subscribers',
    key: [{ name: 'id', type: 'integer' }],
    columns: ['sealed_unsubscribe_token'],
  },
  {
    table: 'idempotency_keys',
    key: [
      { name: 'owner', type: 'text' },
      { name: 'key_hash', type: 'bytea' },
    ],
    columns: ['body'],
    isMixed: true,
  },
]

export type KeyValue = number | string | Uint8Array

/** What an envelope in this column of this row is bound to. Whoever seals spells it the same way. */
export function placeOf(table: string, column: string, key: readonly KeyValue[]): string {
  const parts = key.map((value) => (value instanceof Uint8Array ? Buffer.from(value).toString('hex') : String(value)))
  return `${table}.${column}:${parts.join(':')}`
}
