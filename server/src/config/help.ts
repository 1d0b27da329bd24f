import { remoteRegions } from '@owlery/spec'
import { regionSettings, settings } from './settings.ts'

type Described = { readonly name: string; readonly meaning: string; readonly shownDefault: string }

function linesOf(described: Readonly<Record<string, Described>>): string {
  const lines = Object.values(described).map(
    ({ name, meaning, shownDefault }) => `  ${name.padEnd(24)}${meaning}\n${' '.repeat(26)}default: ${shownDefault}`,
  )
  return lines.join('\n')
}

export function helpText(): string {
  return `Usage: npm start -- [--role api|worker|all] [--help]
       npm start -- --role region --region ${remoteRegions.join('|')}

  --role api      answers requests and hands work to the workers
  --role worker   does the background work and answers health checks only
  --role all      both in one process (the default)
  --role region   checks monitors from another place, for a service that it calls

Settings, from the environment (an empty value counts as unset):

${linesOf(settings)}

Settings of --role region, which of those above reads NODE_ENV, LOG_LEVEL and OUTBOUND_ALLOW:

${linesOf(regionSettings)}
`
}
