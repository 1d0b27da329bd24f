import { resolve } from 'node:path'
import { parseArgs } from 'node:util'
import type { Plan } from '@owlery/spec'
import type { AddressRange } from './config/addresses.ts'
import type { ChosenPlan } from './config/parsers.ts'
import { type EncryptionKeys, type GivenSecrets, settleSecrets } from './config/secrets.ts'
import { type Setting, settings } from './config/settings.ts'

export type Role = 'api' | 'worker' | 'all'

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

type Environment = Readonly<Record<string, string | undefined>>

const ownPrefix = 'OWLERY_'

/** The only reader of the environment. Reports every fault at once; no message quotes a value. */
export function readConfig(env: Environment, argv: readonly string[]): ConfigOutcome {
  const faults: string[] = []
  const read = <T>(setting: Setting<T>): T => {
    const text = env[setting.name]?.trim()
    if (text === undefined || text === '') return setting.initial
    const parsed = setting.parse(text)
    if ('value' in parsed) return parsed.value
    faults.push(`${setting.name} must be ${parsed.mustBe}`)
    return setting.initial
  }

  const role = readRole(argv, faults)
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

const commandLine = { role: { type: 'string' }, help: { type: 'boolean', short: 'h' } } as const

export function wantsHelp(argv: readonly string[]): boolean {
  return argv.includes('--help') || argv.includes('-h')
}

export function helpText(): string {
  const lines = Object.values(settings).map(
    ({ name, meaning, shownDefault }) => `  ${name.padEnd(24)}${meaning}\n${' '.repeat(26)}default: ${shownDefault}`,
  )
  return `Usage: npm start -- [--role api|worker|all] [--help]

  --role api      answers requests and hands work to the workers
  --role worker   does the background work and answers health checks only
  --role all      both in one process (the default)

Settings, from the environment (an empty value counts as unset):

${lines.join('\n')}
`
}

function readRole(argv: readonly string[], faults: string[]): Role {
  try {
    const role =
      parseArgs({ args: [...argv], options: commandLine, strict: true, allowPositionals: false }).values.role ?? 'all'
    if (role === 'api' || role === 'worker' || role === 'all') return role
    faults.push('--role must be api, worker or all')
  } catch (error) {
    faults.push(`command line: ${error instanceof Error ? error.message : String(error)} See --help`)
  }
  return 'all'
}

/** A misspelt setting would otherwise be silently without effect. */
function unknownSettings(env: Environment): string[] {
  const own = Object.values(settings).flatMap(({ name }) => (name.startsWith(ownPrefix) ? [name] : []))
  return Object.keys(env)
    .filter((name) => name.startsWith(ownPrefix) && !own.includes(name))
    .map((name) => `${name} is not a setting; those that start with ${ownPrefix} are ${own.join(', ')}`)
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
