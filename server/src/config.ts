import { resolve } from 'node:path'
import type { Plan } from '@owlery/spec'
import type { AddressRange } from './config/addresses.ts'
import { type Role, readCommandLine } from './config/command-line.ts'
import { type Environment, readerOf, unknownSettings } from './config/environment.ts'
import type { ChosenPlan } from './config/parsers.ts'
import { type EncryptionKeys, type GivenSecrets, settleSecrets } from './config/secrets.ts'
import { settings } from './config/settings.ts'

export { wantsHelp } from './config/command-line.ts'
export { helpText } from './config/help.ts'

export type Config = {
  readonly environment: 'development' | 'test' | 'production'
  readonly role: Role
  readonly host: string
  readonly port: number
  readonly publicUrl: string
  readonly dataDir: string
  /** `url` undefined means the embedded database in `dataDir`. */
  readonly database: { readonly url: string | undefined; readonly poolSize: number }
  readonly redisUrl: string | undefined
  readonly jwtSecret: string
  readonly encryptionKeys: EncryptionKeys
  readonly bootstrap: { readonly token: string | undefined; readonly email: string | undefined }
  readonly plans: { readonly initial: Plan; readonly chosen: readonly ChosenPlan[] }
  readonly mail: { readonly smtpUrl: string | undefined; readonly from: string }
  /** In days: the checks one by one, and what they come to by the hour and by the day. */
  readonly checkRetention: { readonly checkDays: number; readonly rollupDays: number }
  readonly metricsToken: string | undefined
  readonly trustedProxies: readonly AddressRange[]
  readonly corsOrigins: '*' | readonly string[]
  readonly outboundAllow: readonly (AddressRange | string)[]
  readonly logLevel: 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'fatal' | 'silent'
  readonly rateLimitScale: number
}

export type ConfigOutcome =
  | { readonly ok: true; readonly config: Config; readonly warnings: readonly string[] }
  | { readonly ok: false; readonly faults: readonly string[] }

/** The settings of a process with a database. Reports every fault at once; no message quotes a value. */
export function readConfig(env: Environment, argv: readonly string[]): ConfigOutcome {
  const faults: string[] = []
  const read = readerOf(env, faults)
  const { role } = readCommandLine(argv, faults)
  // What checks from a region has settings of its own; see config/region-agent.ts.
  if (role === 'region') return { ok: false, faults: ['--role region has neither a database nor its settings'] }
  faults.push(...unknownSettings(env))
  const environment = read(settings.environment)
  const port = read(settings.port)
  const publicUrl = read(settings.publicUrl) ?? `http://localhost:${port}`
  const dataDir = resolve(read(settings.dataDir))
  const database = { url: read(settings.databaseUrl), poolSize: read(settings.databasePoolSize) }
  const rest = {
    redisUrl: read(settings.redisUrl),
    bootstrap: { token: read(settings.bootstrapToken), email: read(settings.bootstrapEmail) },
    plans: { initial: read(settings.defaultPlan), chosen: read(settings.organizationPlans) },
    mail: {
      smtpUrl: read(settings.smtpUrl),
      from: read(settings.mailFrom) ?? `Owlery <owlery@${new URL(publicUrl).hostname}>`,
    },
    checkRetention: { checkDays: read(settings.checkRetentionDays), rollupDays: read(settings.rollupRetentionDays) },
    metricsToken: read(settings.metricsToken),
    trustedProxies: read(settings.trustedProxies),
    corsOrigins: read(settings.corsOrigins),
    outboundAllow: read(settings.outboundAllow),
    logLevel: read(settings.logLevel),
    rateLimitScale: read(settings.rateLimitScale),
    host: read(settings.host) ?? (environment === 'production' ? '0.0.0.0' : '127.0.0.1'),
  }
  const given: GivenSecrets = {
    jwtSecret: read(settings.jwtSecret),
    encryptionKey: read(settings.encryptionKey),
    encryptionKeys: read(settings.encryptionKeys) ?? [],
  }
  faults.push(...missingSecrets(env, environment, database.url))
  // Nothing is written to disk for a start that will not happen.
  if (faults.length > 0) return { ok: false, faults }
  const secrets = settleSecrets(given, dataDir)
  if ('faults' in secrets) return { ok: false, faults: secrets.faults }
  const { jwtSecret, encryptionKeys, warnings } = secrets
  return {
    ok: true,
    config: { environment, role, port, publicUrl, dataDir, database, jwtSecret, encryptionKeys, ...rest },
    warnings,
  }
}

/** Processes that share a database must share the secrets too, so these are generated only for one that is alone. */
function missingSecrets(env: Environment, environment: string, databaseUrl: string | undefined): string[] {
  if (environment !== 'production' && databaseUrl === undefined) return []
  const why = environment === 'production' ? 'NODE_ENV is production' : 'DATABASE_URL is set'
  const howTo = `must be set because ${why} and every process needs the same one; "openssl rand -hex 48" makes one`
  const isGiven = ({ name }: { name: string }) => (env[name]?.trim() ?? '') !== ''
  return [
    ...(isGiven(settings.jwtSecret) ? [] : [`JWT_SECRET ${howTo}`]),
    ...(isGiven(settings.encryptionKey) || isGiven(settings.encryptionKeys) ? [] : [`ENCRYPTION_KEY ${howTo}`]),
  ]
}
