import { hostname } from 'node:os'
import { isForRegion, readRegionAgentConfig } from '@owlery/server/config/region-agent.ts'
import { readConfig } from '@owlery/server/config.ts'
import { expect, test } from 'vitest'

const token = `obs_${'aB3_'.repeat(10)}xyz`
const env = { OWLERY_SERVER: 'https://owlery.example', OWLERY_TOKEN: token, OWLERY_AGENT_NAME: 'probe-1' }
const argv = ['--role', 'region', '--region', 'weur']
const faultsOf = (env: Record<string, string>, argv: string[]) => {
  const outcome = readRegionAgentConfig(env, argv)
  return outcome.ok ? [] : outcome.faults
}

test('an agent needs a service and a token, and none of the secrets', () => {
  expect(isForRegion(argv)).toBe(true)
  expect(isForRegion(['--role', 'worker'])).toBe(false)
  const production = { ...env, NODE_ENV: 'production', OUTBOUND_ALLOW: '10.0.0.0/8' }
  expect(readRegionAgentConfig(production, argv)).toEqual({
    ok: true,
    config: {
      environment: 'production',
      region: 'weur',
      server: 'https://owlery.example',
      token,
      name: 'probe-1',
      logLevel: 'info',
      outboundAllow: [{ address: '10.0.0.0', prefix: 8, family: 'ipv4' }],
    },
  })
  expect(faultsOf({}, argv)).toEqual([
    expect.stringMatching(/^OWLERY_SERVER must be set/),
    expect.stringMatching(/^OWLERY_TOKEN must be set/),
  ])
  const { OWLERY_AGENT_NAME: _, ...unnamed } = env
  expect(readRegionAgentConfig(unnamed, argv)).toMatchObject({ config: { name: hostname().slice(0, 100) } })
})

test('an agent sends its token in the clear to nobody but this machine', () => {
  for (const here of ['http://127.0.0.1:8080', 'http://localhost:8080', 'http://[::1]:8080']) {
    expect(faultsOf({ ...env, OWLERY_SERVER: here }, argv)).toEqual([])
  }
  for (const wrong of ['http://owlery.example', 'http://10.0.0.1', 'https://owlery.example/path', 'owlery.example']) {
    expect(faultsOf({ ...env, OWLERY_SERVER: wrong }, argv)).toEqual([expect.stringMatching(/^OWLERY_SERVER /)])
  }
})

test('an agent’s faults are told at once, and no value with them', () => {
  const canary = 'obs_canary'
  const faults = faultsOf({ ...env, OWLERY_TOKEN: canary, OWLERY_SERVR: 'x', LOG_LEVEL: canary }, ['--role=region'])
  expect(faults.map((fault) => fault.split(' ')[0])).toEqual(['--role', 'OWLERY_SERVR', 'LOG_LEVEL', 'OWLERY_TOKEN'])
  expect(faults.join()).not.toContain(canary)
  expect(faultsOf(env, ['--role', 'region', '--region', 'local'])).toEqual([expect.stringContaining('weur, enam')])
  expect(readConfig({}, ['--region', 'weur'])).toEqual({
    ok: false,
    faults: ['--region goes with --role region alone'],
  })
  expect(readConfig({}, argv)).toMatchObject({ ok: false, faults: [expect.stringContaining('--role region')] })
})
