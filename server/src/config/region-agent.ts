import { hostname } from 'node:os'
import type { RemoteRegion } from '@owlery/spec'
import type { Config } from '../config.ts'
import { readCommandLine } from './command-line.ts'
import { type Environment, readerOf, unknownSettings } from './environment.ts'
import { regionSettings, settings } from './settings.ts'

export type RegionAgentConfig = Pick<Config, 'environment' | 'outboundAllow' | 'logLevel'> & {
  readonly region: RemoteRegion
  /** The origin of the service. */
  readonly server: string
  readonly token: string
  readonly name: string
}

export type RegionAgentConfigOutcome =
  | { readonly ok: true; readonly config: RegionAgentConfig }
  | { readonly ok: false; readonly faults: readonly string[] }

export function isForRegion(argv: readonly string[]): boolean {
  return readCommandLine(argv, []).role === 'region'
}

/** The settings of a process that has no database and no secrets but its token. */
export function readRegionAgentConfig(env: Environment, argv: readonly string[]): RegionAgentConfigOutcome {
  const faults: string[] = []
  const read = readerOf(env, faults)
  const commandLine = readCommandLine(argv, faults)
  faults.push(...unknownSettings(env))
  const given = {
    environment: read(settings.environment),
    outboundAllow: read(settings.outboundAllow),
    logLevel: read(settings.logLevel),
    name: read(regionSettings.agentName) ?? hostname().slice(0, 100),
  }
  const server = read(regionSettings.server)
  const token = read(regionSettings.token)
  const isGiven = ({ name }: { readonly name: string }) => (env[name]?.trim() ?? '') !== ''
  for (const setting of [regionSettings.server, regionSettings.token]) {
    if (!isGiven(setting)) faults.push(`${setting.name} must be set: ${setting.meaning}`)
  }
  const region = commandLine.role === 'region' ? commandLine.region : undefined
  if (faults.length > 0 || region === undefined || server === undefined || token === undefined) {
    return { ok: false, faults }
  }
  return { ok: true, config: { ...given, region, server, token } }
}
