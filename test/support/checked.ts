import { parseAddressRange } from '@owlery/server/config/addresses.ts'
import { createOutbound } from '@owlery/server/outbound/client.ts'
import { createGuard } from '@owlery/server/outbound/guard.ts'
import type { Resolve } from '@owlery/server/outbound/resolver.ts'
import type { CheckDeps, CheckedMonitor, CheckResult } from '@owlery/server/uptime/checks/check.ts'
import { type CheckedType, runCheck } from '@owlery/server/uptime/checks/run.ts'

/** Every name is this machine, but for some that tell of themselves; 127.0.0.2 is not to be called. */
const resolve: Resolve = async (host) => {
  if (host.startsWith('unknown.')) return []
  if (host.startsWith('broken.')) throw new Error('the name servers did not answer')
  return host.startsWith('inside.') ? ['127.0.0.2'] : ['127.0.0.1']
}

/** What checks stand on, here on this machine alone. */
export function depsHere(more: Partial<CheckDeps> & { readonly trusted?: string } = {}): CheckDeps {
  const { trusted, ...rest } = more
  const range = parseAddressRange('127.0.0.1')
  const guard = createGuard({ allow: range === undefined ? [] : [range], resolve })
  const trust = trusted === undefined ? {} : { certificateAuthorities: [trusted] }
  return {
    guard,
    outbound: createOutbound({ guard, ...trust }),
    nameServers: { answer: async () => true, haveFallenSilent: async () => false },
    ...trust,
    ...rest,
  }
}

type Target = Partial<CheckedMonitor> & { readonly type: CheckedType; readonly url: string }

export function check(
  target: Target,
  deps: CheckDeps = depsHere(),
  headers: Readonly<Record<string, string>> | null = null,
): Promise<CheckResult> {
  const monitor = {
    timeoutMs: 5000,
    expectedStatusCode: null,
    degradedResponseTimeMs: null,
    port: null,
    keyword: null,
    keywordMatchType: 'contains',
    intervalSec: 60,
    heartbeatGraceSec: 60,
    ...target,
  } as const
  return runCheck(monitor, { headers }, deps)
}
