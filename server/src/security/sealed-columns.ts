export type KeyColumn = { readonly name: string; readonly type: 'integer' | 'text' | 'bytea' }

/** A column of envelopes, as rotating the encryption key needs to know it. */
export type SealedColumn = {
  readonly table: string
  readonly column: string
  readonly key: readonly [KeyColumn, ...KeyColumn[]]
  /** Holds other text too; what is no envelope is left alone. */
  readonly isMixed?: true
}

const id: SealedColumn['key'] = [{ name: 'id', type: 'integer' }]

/**
 * Every column that holds envelopes. One that is missing here would become unreadable when an old key is taken away, so
 * a test compares the list with the tables: a column of envelopes is called `sealed_…`.
 */
export const sealedColumns: readonly SealedColumn[] = [
  ...[
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
  ].map((column) => ({ table: 'monitors', column, key: id })),
  {
    table: 'organization_secrets',
    column: 'sealed_webhook_secret',
    key: [{ name: 'organization_id', type: 'integer' }],
  },
  {
    table: 'idempotency_keys',
    column: 'body',
    key: [
      { name: 'owner', type: 'text' },
      { name: 'key_hash', type: 'bytea' },
    ],
    isMixed: true,
  },
]

export type KeyValue = number | string | Uint8Array

/** What an envelope of this row is bound to. Whoever seals spells it the same way. */
export function placeOf({ table, column }: SealedColumn, key: readonly KeyValue[]): string {
  const parts = key.map((value) => (value instanceof Uint8Array ? Buffer.from(value).toString('hex') : String(value)))
  return `${table}.${column}:${parts.join(':')}`
}
