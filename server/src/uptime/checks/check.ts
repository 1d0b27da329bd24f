import type { MonitorStatus, MonitorType } from '@owlery/spec'
import type { Outbound } from '../../outbound/client.ts'
import type { Guard } from '../../outbound/guard.ts'
import type { NameServers } from './name-servers.ts'

/** What a check needs to know of its monitor. */
export type CheckedMonitor = {
  readonly type: MonitorType
  readonly url: string
  readonly timeoutMs: number
  readonly expectedStatusCode: number | null
  readonly degradedResponseTimeMs: number | null
  readonly port: number | null
  readonly keyword: string | null
  readonly keywordMatchType: 'contains' | 'not_contains'
  readonly intervalSec: number
  readonly heartbeatGraceSec: number
}

export type Finding = {
  readonly kind: 'result'
  readonly status: MonitorStatus
  readonly responseTimeMs: number | null
  readonly statusCode: number | null
  /** Shown to people and stored: texts stay as they are. */
  readonly errorMessage: string | null
}

/** The check could not be made for a reason of our own, which says nothing about the target. */
export type ProbeError = { readonly kind: 'probe_error'; readonly reason: string }

export type CheckResult = Finding | ProbeError

export type CheckDeps = {
  readonly guard: Guard
  readonly outbound: Outbound
  /** In PEM, instead of those that Node trusts. */
  readonly certificateAuthorities?: readonly string[]
  readonly nameServers: NameServers
  /** `address:port` of those that dns checks ask; the system's unless given. */
  readonly nameServerAddresses?: readonly string[]
  /** The program that sends ICMP; `ping` unless given. */
  readonly pingCommand?: string
}

/** Decrypted for the check only. */
export type CheckSecrets = { readonly headers: Readonly<Record<string, string>> | null }

export type Checker = (monitor: CheckedMonitor, secrets: CheckSecrets, deps: CheckDeps) => Promise<CheckResult>

type Measured = { readonly responseTimeMs: number; readonly statusCode?: number }

/** Up, or degraded if it took longer than the monitor allows. */
export function alive(
  { degradedResponseTimeMs }: Pick<CheckedMonitor, 'degradedResponseTimeMs'>,
  { responseTimeMs, statusCode }: Measured,
): Finding {
  const isSlow = degradedResponseTimeMs !== null && responseTimeMs > degradedResponseTimeMs
  return {
    kind: 'result',
    status: isSlow ? 'degraded' : 'up',
    responseTimeMs,
    statusCode: statusCode ?? null,
    errorMessage: isSlow ? `slower than ${degradedResponseTimeMs} ms` : null,
  }
}

export function dead(errorMessage: string, measured: Partial<Measured> = {}): Finding {
  return {
    kind: 'result',
    status: 'down',
    responseTimeMs: measured.responseTimeMs ?? null,
    statusCode: measured.statusCode ?? null,
    errorMessage,
  }
}

export function probeError(reason: string): ProbeError {
  return { kind: 'probe_error', reason }
}

/** `code` is one of our own failures. */
export function failedHere(code: string): ProbeError {
  return probeError(`the connection could not be made here (${code})`)
}
