import type { MonitorType } from '@owlery/spec'
import type { Fault } from '../http/problem.ts'
import { parseHostAndPort, parseTarget } from '../outbound/target.ts'
import { recordTypeOf, recordTypes } from './checks/dns.ts'

/** What the type of a monitor asks of its other fields, after a change as it would then be. */
export type Candidate = {
  readonly type: MonitorType
  readonly url: string
  readonly port: number | null
  readonly keyword: string | null
  readonly regions: readonly string[]
  readonly hasTelegramBotToken: boolean
  readonly hasTelegramChatId: boolean
}

export type Target = { readonly kind: 'url' | 'host'; readonly text: string }

/** What is called for a check; nothing for heartbeats, which call us. */
export function targetOf({ type, url }: Pick<Candidate, 'type' | 'url'>): Target | undefined {
  if (type === 'heartbeat') return undefined
  return { kind: isFetched(type) ? 'url' : 'host', text: url }
}

/** `at` stands before every path: where in the body the candidate comes from. */
export function faultsOf(candidate: Candidate, at = ''): Fault[] {
  const { type, url, port, keyword, regions } = candidate
  const faults: Fault[] = []
  const refuse = (field: string, message: string) => faults.push({ path: `${at}${field}`, code: 'custom', message })
  if (isFetched(type) && parseTarget(url, ['http', 'https']) === undefined) {
    refuse('url', `A monitor of type ${type} needs an http or https URL, without credentials in it`)
  }
  if (!isFetched(type) && type !== 'heartbeat') {
    const target = parseHostAndPort(url)
    if (target === undefined) refuse('url', `A monitor of type ${type} needs a host, with or without a port`)
    else if ((type === 'port' || type === 'tcp') && port === null && target.port === undefined) {
      refuse('port', `A monitor of type ${type} needs a port, here or in its URL`)
    }
  }
  if (type === 'dns' && recordTypeOf(url) === undefined) {
    refuse('url', `The type of record must be one of ${recordTypes.join(', ')}`)
  }
  if (type === 'keyword' && keyword === null) refuse('keyword', 'A monitor of type keyword needs a keyword')
  if (type !== 'http' && type !== 'https' && regions.some((region) => region !== 'local')) {
    refuse('regions', 'Only http and https monitors can be checked from other regions than local')
  }
  if (candidate.hasTelegramBotToken && !candidate.hasTelegramChatId) {
    refuse('alertTelegramChatId', 'Telegram needs the bot token and the chat id')
  }
  if (candidate.hasTelegramChatId && !candidate.hasTelegramBotToken) {
    refuse('alertTelegramBotToken', 'Telegram needs the bot token and the chat id')
  }
  return faults
}

function isFetched(type: MonitorType): boolean {
  return type === 'http' || type === 'https' || type === 'keyword'
}

/** `local` always checks, and comes first; one region named twice is one. */
export function withLocal(regions: readonly string[]): string[] {
  return [...new Set(['local', ...regions])]
}

type Schedule = { readonly paused: boolean; readonly type: MonitorType } & {
  readonly intervalSec: number
  readonly heartbeatGraceSec: number
}

/** Nobody waits an hour to see whether a monitor works. */
const firstWithinSec = 60

/**
 * When a monitor that begins or resumes is due: checks soon, but at any moment, so that many made at once do not run at
 * once; a heartbeat when its first call would be late.
 */
export function firstCheckAt({ paused, type, intervalSec, heartbeatGraceSec }: Schedule, now: Date): Date | null {
  if (paused) return null
  const soon = Math.random() * Math.min(intervalSec, firstWithinSec)
  const seconds = type === 'heartbeat' ? intervalSec + heartbeatGraceSec : soon
  return new Date(now.getTime() + seconds * 1000)
}
