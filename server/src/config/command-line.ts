import { parseArgs } from 'node:util'
import { type RemoteRegion, remoteRegions } from '@owlery/spec'

export type Role = 'api' | 'worker' | 'all'

export type CommandLine =
  | { readonly role: Role }
  /** Undefined where it is missing or none of them, which is a fault. */
  | { readonly role: 'region'; readonly region: RemoteRegion | undefined }

const options = {
  role: { type: 'string' },
  region: { type: 'string' },
  help: { type: 'boolean', short: 'h' },
} as const

export function wantsHelp(argv: readonly string[]): boolean {
  return argv.includes('--help') || argv.includes('-h')
}

export function readCommandLine(argv: readonly string[], faults: string[]): CommandLine {
  try {
    const { values } = parseArgs({ args: [...argv], options, strict: true, allowPositionals: false })
    const { role = 'all', region } = values
    if (role === 'region') {
      const known = remoteRegions.find((one) => one === region)
      if (known === undefined) faults.push(`--role region needs --region, one of ${remoteRegions.join(', ')}`)
      return { role, region: known }
    }
    if (region !== undefined) faults.push('--region goes with --role region alone')
    if (role === 'api' || role === 'worker' || role === 'all') return { role }
    faults.push('--role must be api, worker, all or region')
  } catch (error) {
    faults.push(`command line: ${error instanceof Error ? error.message : String(error)} See --help`)
  }
  return { role: 'all' }
}
