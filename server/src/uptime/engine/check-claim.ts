import type { SecretBox } from '../../security/secrets.ts'
import type { CheckDeps, CheckedMonitor, CheckResult } from '../checks/check.ts'
import { judgeHeartbeat } from '../checks/heartbeat.ts'
import { runCheck } from '../checks/run.ts'
import { openHeaders } from '../monitors.secrets.ts'
import type { Claim } from './claims.store.ts'
import type { CheckedClaim } from './results.ts'

/** The claimed monitor is called, with its secrets open for as long as that takes. */
export async function checkClaim(claim: Claim, secrets: SecretBox, deps: CheckDeps): Promise<CheckResult> {
  const { type, monitor_id: id, sealed_headers } = claim
  if (type === 'heartbeat') return { kind: 'probe_error', reason: 'a heartbeat cannot be called' }
  let headers: Readonly<Record<string, string>> | null
  try {
    headers = openHeaders(secrets, { id, sealed_headers })
  } catch {
    return { kind: 'probe_error', reason: 'the headers of the monitor cannot be decrypted' }
  }
  return runCheck({ ...monitorOf(claim), type }, { headers }, deps)
}

/** A heartbeat's judgement is made at once. */
export function judgeClaim(claim: Claim, now: Date): Pick<CheckedClaim, 'finding' | 'nextCheckAt'> {
  const heartbeat = { lastReceivedAt: claim.heartbeat_last_received_at, due: claim.due }
  return judgeHeartbeat(monitorOf(claim), heartbeat, now)
}

function monitorOf(claim: Claim): CheckedMonitor {
  return {
    type: claim.type,
    url: claim.url,
    timeoutMs: claim.timeout_ms,
    expectedStatusCode: claim.expected_status_code,
    degradedResponseTimeMs: claim.degraded_response_time_ms,
    port: claim.port,
    keyword: claim.keyword,
    keywordMatchType: claim.keyword_match_type,
    intervalSec: claim.interval_sec,
    heartbeatGraceSec: claim.heartbeat_grace_sec,
  }
}
