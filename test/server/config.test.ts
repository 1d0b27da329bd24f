import { chmodSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { readRegionAgentConfig } from '@owlery/server/config/region-agent.ts'
import { helpText, readConfig, wantsHelp } from '@owlery/server/config.ts'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'

const random = 'k3J9-vQ2_xZ7mB5nT8wL1yC6dF4gH0sRpAqEuViWoNjMhKtYbXcGzDfSlPe' as const
const jwtSecret = `${random}-and-some-more`
const encryptionKey = `key-${random}`

let dataDir = ''
beforeEach(() => {
  dataDir = mkdtempSync(join(tmpdir(), 'owlery-config-'))
})
afterEach(() => rmSync(dataDir, { recursive: true, force: true }))

function configOf(env: Record<string, string>, argv: string[] = []) {
  const outcome = readConfig({ DATA_DIR: dataDir, ...env }, argv)
  if (!outcome.ok) throw new Error(outcome.faults.join('\n'))
  return outcome.config
}

function faultsOf(env: Record<string, string>, argv: string[] = []): readonly string[] {
  const outcome = readConfig({ DATA_DIR: dataDir, ...env }, argv)
  return outcome.ok ? [] : outcome.faults
}

describe('without any setting', () => {
  test('everything has a value that works on a laptop', () => {
    expect(configOf({})).toMatchObject({
      environment: 'development',
      role: 'all',
      host: '127.0.0.1',
      port: 8080,
      publicUrl: 'http://localhost:8080',
      dataDir,
      database: { url: undefined, poolSize: 10 },
      bootstrap: { token: undefined, email: undefined },
      mail: { smtpUrl: undefined, from: 'Owlery <owlery@localhost>' },
      checkRetention: { checkDays: 90, rollupDays: 400 },
      trustedProxies: [],
      corsOrigins: [],
      outboundAllow: [],
      logLevel: 'info',
      rateLimitScale: 1,
    })
  })

  test('an empty value counts as unset', () => {
    expect(configOf({ PORT: '', JWT_SECRET: ' ', CORS_ORIGINS: '', DATABASE_URL: '' })).toMatchObject({
      port: 8080,
      corsOrigins: [],
    })
  })
})

describe('secrets', () => {
  test('are generated once, for the owner alone, and found again', () => {
    const first = configOf({})
    const path = join(dataDir, 'secrets.json')
    expect(statSync(path).mode & 0o777).toBe(0o600)
    expect(readdirSync(dataDir)).toEqual(['secrets.json'])
    expect(first.jwtSecret.length).toBeGreaterThanOrEqual(64)
    const second = configOf({})
    expect([second.jwtSecret, second.encryptionKeys]).toEqual([first.jwtSecret, first.encryptionKeys])
  })

  test('a file that is open to others is closed, with a warning', () => {
    configOf({})
    const path = join(dataDir, 'secrets.json')
    chmodSync(path, 0o644)
    const outcome = readConfig({ DATA_DIR: dataDir }, [])
    expect(outcome.ok && outcome.warnings).toEqual([expect.stringContaining('open to other users')])
    expect(statSync(path).mode & 0o777).toBe(0o600)
  })

  test('a damaged file is a fault and stays as it is', () => {
    const path = join(dataDir, 'secrets.json')
    for (const damaged of ['', '{"jwtSecret":"short"', 'null', '{"jwtSecret":1,"encryptionKey":2}']) {
      writeFileSync(path, damaged, { mode: 0o600 })
      expect(faultsOf({})).toEqual([expect.stringContaining('no usable secrets')])
      expect(readFileSync(path, 'utf8')).toBe(damaged)
    }
  })

  test('are not generated for production or for a shared database, and nothing is written then', () => {
    for (const shared of [{ NODE_ENV: 'production' }, { DATABASE_URL: 'postgres://db.example/owlery' }]) {
      expect(faultsOf(shared)).toEqual([
        expect.stringMatching(/^JWT_SECRET must be set because/),
        expect.stringMatching(/^ENCRYPTION_KEY must be set because/),
      ])
      expect(existsSync(join(dataDir, 'secrets.json'))).toBe(false)
      expect(configOf({ ...shared, JWT_SECRET: jwtSecret, ENCRYPTION_KEY: encryptionKey }).jwtSecret).toBe(jwtSecret)
    }
  })

  test('weak ones are refused', () => {
    for (const weak of ['x'.repeat(80), 'abcabc'.repeat(20), random.slice(0, 40)]) {
      expect(faultsOf({ JWT_SECRET: weak })).toEqual([
        expect.stringMatching(/^JWT_SECRET must be a random text of at least 64/),
      ])
    }
    expect(faultsOf({ ENCRYPTION_KEY: random.slice(0, 31) })).toEqual([expect.stringContaining('at least 32')])
    expect(faultsOf({ JWT_SECRET: jwtSecret, ENCRYPTION_KEY: jwtSecret })).toEqual([
      'JWT_SECRET must differ from every encryption key',
    ])
  })

  test('several encryption keys: the first encrypts, the lone one still decrypts', () => {
    const config = configOf({
      ENCRYPTION_KEYS: `b:${encryptionKey}B, a:${encryptionKey}A`,
      ENCRYPTION_KEY: encryptionKey,
    })
    expect(config.encryptionKeys.map(({ id }) => id)).toEqual(['b', 'a', 'default'])
    expect(faultsOf({ ENCRYPTION_KEYS: `a:${encryptionKey}A,a:${encryptionKey}B` })).toEqual([
      expect.stringContaining('each id once'),
    ])
    expect(faultsOf({ ENCRYPTION_KEYS: encryptionKey })).toEqual([expect.stringContaining('id:key')])
  })
})

describe('faults', () => {
  test('are reported all at once, each under its name', () => {
    const faults = faultsOf({
      PORT: '80800',
      PUBLIC_URL: 'https://owlery.example/path',
      NODE_ENV: 'prod',
      DATABASE_POOL_SIZE: '0',
      LOG_LEVEL: 'verbose',
      RATE_LIMIT_SCALE: '-1',
      TRUSTED_PROXIES: '10.0.0.0/8,nonsense',
      CORS_ORIGINS: 'https://a.example,b.example',
      OUTBOUND_ALLOW: '10.0.0.0/40',
      MAIL_FROM: 'Owlery <no address>',
      REDIS_URL: 'http://redis',
      OWLERY_BOOTSTRAP_EMAIL: 'nobody',
    })
    expect(faults.map((fault) => fault.split(' ')[0])).toEqual([
      'NODE_ENV',
      'PORT',
      'PUBLIC_URL',
      'DATABASE_POOL_SIZE',
      'REDIS_URL',
      'OWLERY_BOOTSTRAP_EMAIL',
      'MAIL_FROM',
      'TRUSTED_PROXIES',
      'CORS_ORIGINS',
      'OUTBOUND_ALLOW',
      'LOG_LEVEL',
      'RATE_LIMIT_SCALE',
    ])
  })

  test('never hold a value', () => {
    const canary = 'canary'
    const names = [
      'DATABASE_URL',
      'SMTP_URL',
      'REDIS_URL',
      'JWT_SECRET',
      'ENCRYPTION_KEY',
      'ENCRYPTION_KEYS',
      'METRICS_TOKEN',
    ]
    const faults = faultsOf(
      Object.fromEntries([...names, 'OWLERY_BOOTSTRAP_TOKEN'].map((name) => [name, `bad:${canary}`])),
    )
    expect(faults).toHaveLength(names.length + 1)
    expect(faults.join()).not.toContain(canary)
  })

  test('a misspelt setting of ours and unknown arguments are faults', () => {
    expect(faultsOf({ OWLERY_BOOTSTRAP_TOKN: 'x' })).toEqual([expect.stringContaining('OWLERY_BOOTSTRAP_TOKEN')])
    expect(faultsOf({}, ['--rolle', 'api'])).toEqual([expect.stringContaining('--rolle')])
    expect(faultsOf({}, ['worker'])).toEqual([expect.stringContaining('worker')])
    expect(faultsOf({}, ['--role', 'web'])).toEqual(['--role must be api, worker, all or region'])
  })
})

test('what is set is what is read', () => {
  const token = `obs_${'aB3_'.repeat(10)}xyz`
  const config = configOf(
    {
      NODE_ENV: 'test',
      PORT: '0',
      HOST: '::1',
      PUBLIC_URL: 'https://Owlery.Example/',
      OWLERY_BOOTSTRAP_TOKEN: token,
      TRUSTED_PROXIES: '10.0.0.0/8, ::1',
      CORS_ORIGINS: '*',
      OUTBOUND_ALLOW: '192.168.0.0/16,nas.home',
      RATE_LIMIT_SCALE: '0.5',
      SMTP_URL: 'smtps://user:pass@mail.example',
      DATABASE_POOL_SIZE: '25',
      CHECK_RETENTION_DAYS: '30',
      ROLLUP_RETENTION_DAYS: '92',
    },
    ['--role=worker'],
  )
  expect(config).toMatchObject({
    environment: 'test',
    role: 'worker',
    host: '::1',
    port: 0,
    publicUrl: 'https://owlery.example',
    corsOrigins: '*',
    bootstrap: { token },
    database: { poolSize: 25 },
    rateLimitScale: 0.5,
    checkRetention: { checkDays: 30, rollupDays: 92 },
    mail: { smtpUrl: 'smtps://user:pass@mail.example', from: 'Owlery <owlery@owlery.example>' },
    trustedProxies: [
      { address: '10.0.0.0', prefix: 8, family: 'ipv4' },
      { address: '::1', prefix: 128, family: 'ipv6' },
    ],
    outboundAllow: [{ address: '192.168.0.0', prefix: 16, family: 'ipv4' }, 'nas.home'],
  })
  expect(configOf({ NODE_ENV: 'production', JWT_SECRET: jwtSecret, ENCRYPTION_KEY: encryptionKey }).host).toBe(
    '0.0.0.0',
  )
})

test('the help names every setting that is read', () => {
  const asked = new Set<string>()
  const env = new Proxy<Record<string, string | undefined>>(
    {},
    {
      get: (_target, name) => {
        asked.add(String(name))
        return name === 'DATA_DIR' ? dataDir : undefined
      },
    },
  )
  readConfig(env, [])
  readRegionAgentConfig(env, ['--role', 'region', '--region', 'weur'])
  const help = helpText()
  expect(asked.size).toBeGreaterThan(20)
  for (const name of asked) expect(help).toMatch(new RegExp(`^ {2}${name} `, 'm'))
  expect([wantsHelp(['--help']), wantsHelp(['--role', 'api'])]).toEqual([true, false])
})
