import { Resolver } from 'node:dns/promises'
import { parseHostAndPort } from '../../outbound/target.ts'
import { type TimeLimit, timeLimit } from '../../outbound/time-limit.ts'
import { alive, type CheckDeps, type CheckedMonitor, type Checker, dead, probeError } from './check.ts'

export const recordTypes = ['A', 'AAAA', 'MX', 'TXT', 'NS', 'CNAME'] as const
type RecordType = (typeof recordTypes)[number]

/** Asks for the records of a name: a bare host for A, `dns://example.com?type=MX` for others. */
export const checkDns: Checker = async (monitor, _secrets, deps) => {
  const host = parseHostAndPort(monitor.url)?.host
  const type = recordTypeOf(monitor.url)
  if (host === undefined) return dead('the target is no host')
  if (type === undefined) return dead(`the type of record is none of ${recordTypes.join(', ')}`)
  const limit = timeLimit(monitor.timeoutMs)
  const verdict = await deps.guard.checkHost(host, { timeoutMs: limit.leftMs() })
  if (verdict === 'unsafe') {
    return dead('the address belongs to a private or special network, which is not called from here')
  }
  const start = performance.now()
  const answer = await ask(host, type, limit, deps)
  const measured = { responseTimeMs: Math.round(performance.now() - start) }
  switch (answer.kind) {
    case 'silent':
      if (await deps.nameServers.answer()) return dead('the name servers did not answer for this name')
      return probeError('the name servers did not answer')
    case 'broken':
      return dead('the name servers report a failure for this name', measured)
    case 'unknown':
      return dead('the name does not exist', measured)
    case 'none':
      return dead(`the name has no ${type} record`, measured)
    case 'records':
      return faultOf(answer.records, type, monitor) ?? alive(monitor, measured)
  }
}

/** Of a bare host it is A. */
export function recordTypeOf(url: string): RecordType | undefined {
  const asked = (URL.parse(url)?.searchParams.get('type') ?? 'A').toUpperCase()
  return recordTypes.find((type) => type === asked)
}

/** The keyword is something that one of the records must contain, or that none may. */
function faultOf(records: readonly string[], type: RecordType, { keyword, keywordMatchType }: CheckedMonitor) {
  if (keyword === null) return undefined
  const isFound = records.some((record) => normal(record).includes(normal(keyword)))
  if (isFound === (keywordMatchType === 'contains')) return undefined
  return dead(
    isFound ? `a ${type} record has the value that none may have` : `no ${type} record has the expected value`,
  )
}

function normal(text: string): string {
  return text.trim().toLowerCase().replace(/\.$/, '')
}

type Answer =
  | { readonly kind: 'records'; readonly records: readonly string[] }
  | { readonly kind: 'unknown' | 'none' | 'broken' | 'silent' }

async function ask(
  host: string,
  type: RecordType,
  limit: TimeLimit,
  { nameServerAddresses }: CheckDeps,
): Promise<Answer> {
  const timeoutMs = limit.leftMs()
  const resolver = new Resolver({ timeout: Math.max(50, Math.floor(timeoutMs / 3)), tries: 2 })
  if (nameServerAddresses !== undefined) resolver.setServers(nameServerAddresses)
  const timer = setTimeout(() => resolver.cancel(), timeoutMs)
  try {
    const records = await resolve(resolver, host, type)
    return records.length === 0 ? { kind: 'none' } : { kind: 'records', records }
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined
    if (code === 'ENOTFOUND') return { kind: 'unknown' }
    if (code === 'ENODATA') return { kind: 'none' }
    return { kind: code === 'ESERVFAIL' || code === 'EREFUSED' || code === 'EFORMERR' ? 'broken' : 'silent' }
  } finally {
    clearTimeout(timer)
  }
}

async function resolve(resolver: Resolver, host: string, type: RecordType): Promise<string[]> {
  switch (type) {
    case 'A':
      return resolver.resolve4(host)
    case 'AAAA':
      return resolver.resolve6(host)
    case 'MX':
      return (await resolver.resolveMx(host)).map(({ priority, exchange }) => `${priority} ${exchange}`)
    case 'TXT':
      return (await resolver.resolveTxt(host)).map((parts) => parts.join(''))
    case 'NS':
      return resolver.resolveNs(host)
    case 'CNAME':
      return resolver.resolveCname(host)
  }
}
