import type { AddressRange } from './addresses.ts'
import * as parse from './parsers.ts'

/** One row drives both the reading and the `--help` text. `initial` is what an absent setting counts as. */
export type Setting<T> = {
  readonly name: string
  readonly parse: parse.Parser<T>
  readonly initial: T
  readonly shownDefault: string
  readonly meaning: string
}

const withDefault = <T>(name: string, reader: parse.Parser<T>, initial: T, meaning: string, shown?: string) =>
  ({ name, parse: reader, initial, shownDefault: shown ?? String(initial), meaning }) satisfies Setting<T>

const optional = <T>(
  name: string,
  reader: parse.Parser<T>,
  meaning: string,
  shownDefault = 'none',
): Setting<T | undefined> => ({
  name,
  parse: reader,
  initial: undefined,
  shownDefault,
  meaning,
})

const patPattern = /^obs_[A-Za-z0-9_-]{43}$/

export const settings = {
  environment: withDefault(
    'NODE_ENV',
    parse.oneOf<'development' | 'test' | 'production'>('development', 'test', 'production'),
    'development',
    'production refuses generated secrets and writes logs as JSON',
  ),
  port: withDefault('PORT', parse.wholeNumber(0, 65535), 8080, 'the port to listen on; 0 takes a free one'),
  host: optional(
    'HOST',
    parse.matching(/^[A-Za-z0-9.:-]{1,253}$/, 'an IP address or a host name to listen on'),
    'the address to listen on',
    '0.0.0.0 in production, else 127.0.0.1',
  ),
  publicUrl: optional(
    'PUBLIC_URL',
    parse.webOrigin,
    'the origin that browsers and mails use to reach this service',
    'http://localhost:PORT',
  ),
  dataDir: withDefault(
    'DATA_DIR',
    parse.anyText,
    './data',
    'the folder of the embedded database, generated secrets, files and the mail outbox',
  ),
  databaseUrl: optional(
    'DATABASE_URL',
    parse.urlWithScheme('postgres', 'postgresql'),
    'the PostgreSQL database to use; without it the embedded one in DATA_DIR',
    'the embedded database',
  ),
  databasePoolSize: withDefault(
    'DATABASE_POOL_SIZE',
    parse.wholeNumber(2, 200),
    10,
    'the most connections one process opens to DATABASE_URL',
  ),
  redisUrl: optional(
    'REDIS_URL',
    parse.urlWithScheme('redis', 'rediss'),
    'the Redis that holds counters shared between processes',
    'the database holds them',
  ),
  jwtSecret: optional(
    'JWT_SECRET',
    parse.strongSecret(64),
    'signs sessions; the same in every process',
    'generated into DATA_DIR',
  ),
  encryptionKey: optional(
    'ENCRYPTION_KEY',
    parse.strongSecret(32),
    'encrypts stored secrets; the same in every process; its id is default',
    'generated into DATA_DIR',
  ),
  encryptionKeys: optional(
    'ENCRYPTION_KEYS',
    parse.listOf(parse.namedKey, 20),
    'id:key,id:key for key rotation: the first encrypts, all decrypt, ENCRYPTION_KEY too',
  ),
  bootstrapToken: optional(
    'OWLERY_BOOTSTRAP_TOKEN',
    parse.matching(patPattern, 'obs_ followed by 43 url-safe base64 characters'),
    'the first access token, instead of one that is printed at the first start',
    'generated',
  ),
  bootstrapEmail: optional(
    'OWLERY_BOOTSTRAP_EMAIL',
    parse.emailAddress,
    'the e-mail address of the owner whom the first start creates',
  ),
  defaultPlan: withDefault('DEFAULT_PLAN', parse.plan, 'self-hosted', 'the plan of organizations that are created'),
  organizationPlans: withDefault<readonly parse.ChosenPlan[]>(
    'ORGANIZATION_PLANS',
    parse.listOf(parse.chosenPlan, 1000),
    [],
    'slug:plan,slug:plan: puts existing organizations on other plans at the start',
    'none',
  ),
  smtpUrl: optional(
    'SMTP_URL',
    parse.urlWithScheme('smtp', 'smtps'),
    'the server that sends mail',
    'mails are written to DATA_DIR/outbox',
  ),
  mailFrom: optional('MAIL_FROM', parse.mailbox, 'the sender of mails', 'Owlery <owlery@the host of PUBLIC_URL>'),
  // No less than what the longest timeline of single checks and the longest window of figures reach back.
  checkRetentionDays: withDefault(
    'CHECK_RETENTION_DAYS',
    parse.wholeNumber(7, 3650),
    90,
    'how long every single check of a monitor is kept',
  ),
  rollupRetentionDays: withDefault(
    'ROLLUP_RETENTION_DAYS',
    parse.wholeNumber(92, 3650),
    400,
    'how long the hourly and daily sums of checks are kept',
  ),
  metricsToken: optional('METRICS_TOKEN', parse.strongSecret(16), 'the bearer token that /metrics asks for'),
  trustedProxies: withDefault<readonly AddressRange[]>(
    'TRUSTED_PROXIES',
    parse.listOf(parse.addressRange),
    [],
    'addresses and ranges of proxies whose X-Forwarded-For counts',
    'none',
  ),
  corsOrigins: withDefault<'*' | readonly string[]>(
    'CORS_ORIGINS',
    parse.originsOrAny,
    [],
    'origins whose pages may call the API from a browser; * for any',
    'the same origin only',
  ),
  outboundAllow: withDefault<readonly (AddressRange | string)[]>(
    'OUTBOUND_ALLOW',
    parse.listOf(parse.rangeOrHost),
    [],
    'private addresses, ranges and host names that checks and webhooks may reach',
    'public addresses only',
  ),
  logLevel: withDefault(
    'LOG_LEVEL',
    parse.oneOf<'trace' | 'debug' | 'info' | 'warn' | 'error' | 'fatal' | 'silent'>(
      'trace',
      'debug',
      'info',
      'warn',
      'error',
      'fatal',
      'silent',
    ),
    'info',
    'the least severe lines that are written: trace, debug, info, warn, error, fatal or silent',
  ),
  rateLimitScale: withDefault(
    'RATE_LIMIT_SCALE',
    parse.decimalNumber(0, 1_000_000),
    1,
    'multiplies every limit per address; 0 turns them off',
  ),
}

/** What `--role region` reads, beside NODE_ENV, LOG_LEVEL and OUTBOUND_ALLOW. */
export const regionSettings = {
  server: optional(
    'OWLERY_SERVER',
    parse.serverOrigin,
    'the service that this process checks for; http only on this machine',
    'none: it must be set',
  ),
  token: optional(
    'OWLERY_TOKEN',
    parse.matching(patPattern, 'obs_ followed by 43 url-safe base64 characters'),
    'a token with the scope regions:work, of an owner or admin',
    'none: it must be set',
  ),
  agentName: optional(
    'OWLERY_AGENT_NAME',
    parse.matching(/^[^\p{Cc}]{1,100}$/u, '1 to 100 characters, none of them a control character'),
    'what people know this process by',
    'the name of the machine',
  ),
}
