import type { OutboundOutcome } from '../../outbound/client.ts'
import {
  alive,
  type CheckDeps,
  type CheckedMonitor,
  type Checker,
  type CheckResult,
  type CheckSecrets,
  dead,
  failedHere,
  probeError,
} from './check.ts'

const mostRedirects = 10
const keywordBytes = 1024 * 1024

/** http and https: the head of the answer decides, so nothing of the body is waited for. */
export const checkHttp: Checker = async (monitor, secrets, deps) => {
  const outcome = await fetchTarget(monitor, secrets, deps, 0)
  if (!outcome.ok) return failureOf(outcome, deps)
  return (
    judgeStatus(monitor, outcome) ?? alive(monitor, { responseTimeMs: outcome.durationMs, statusCode: outcome.status })
  )
}

/** As http, and the beginning of the body holds the keyword, or does not. */
export const checkKeyword: Checker = async (monitor, secrets, deps) => {
  const outcome = await fetchTarget(monitor, secrets, deps, keywordBytes)
  if (!outcome.ok) return failureOf(outcome, deps, 'the page could not be fetched: ')
  const bad = judgeStatus(monitor, outcome)
  if (bad !== undefined) return bad
  const measured = { responseTimeMs: outcome.durationMs, statusCode: outcome.status }
  const isFound = textOf(outcome).includes(monitor.keyword ?? '')
  if (isFound === (monitor.keywordMatchType === 'contains')) return alive(monitor, measured)
  return dead(
    isFound ? 'the page holds the keyword that it must not hold' : 'the page does not hold the keyword',
    measured,
  )
}

/** As the page says that it is written; UTF-8 where it does not say, or says nonsense. */
function textOf({ headers, body }: Extract<OutboundOutcome, { ok: true }>): string {
  const charset = /;\s*charset="?([^\s";]+)/i.exec(headers['content-type'] ?? '')?.[1] ?? 'utf-8'
  try {
    return new TextDecoder(charset).decode(body)
  } catch {
    return body.toString('utf8')
  }
}

function fetchTarget(
  { url, timeoutMs, expectedStatusCode }: CheckedMonitor,
  { headers }: CheckSecrets,
  { outbound }: CheckDeps,
  maxBytes: number,
): Promise<OutboundOutcome> {
  const sent = headers === null ? {} : { headers }
  // Whoever expects a redirect means the redirect; where it leads never has that status.
  const takesRedirects = expectedStatusCode !== null && expectedStatusCode >= 300 && expectedStatusCode < 400
  const limits = { timeoutMs, maxBytes, overflow: 'cut', maxRedirects: mostRedirects } as const
  return outbound.request({ url, ...limits, takesRedirects, ...sent })
}

function judgeStatus(
  { expectedStatusCode }: CheckedMonitor,
  { status, durationMs }: Extract<OutboundOutcome, { ok: true }>,
): CheckResult | undefined {
  const isFine = expectedStatusCode === null ? status < 400 : status === expectedStatusCode
  if (isFine) return undefined
  const expected = expectedStatusCode === null ? '' : ` instead of ${expectedStatusCode}`
  return dead(`the server answered ${status}${expected}`, { responseTimeMs: durationMs, statusCode: status })
}

async function failureOf(
  { reason, error, status, ownCode }: Extract<OutboundOutcome, { ok: false }>,
  { nameServers }: CheckDeps,
  prefix = '',
): Promise<CheckResult> {
  // They answer others: then it is the target's own ones that fail.
  if (reason === 'lookup_failed' && !(await nameServers.answer())) return probeError(error)
  if (ownCode !== undefined) return failedHere(ownCode)
  return dead(`${prefix}${error}`, status === undefined ? {} : { statusCode: status })
}
