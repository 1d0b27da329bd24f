import type { MonitorType } from '@owlery/spec'
import { isOurOwn } from '../../outbound/own-failures.ts'
import {
  type CheckDeps,
  type CheckedMonitor,
  type Checker,
  type CheckResult,
  type CheckSecrets,
  failedHere,
  probeError,
} from './check.ts'
import { checkDns } from './dns.ts'
import { checkHttp, checkKeyword } from './http.ts'
import { checkPing } from './ping.ts'
import { checkSmtp } from './smtp.ts'
import { checkSsl } from './ssl.ts'
import { checkTcp } from './tcp.ts'

/** Heartbeats call us: they are judged by the time, in `heartbeat.ts`. */
export type CheckedType = Exclude<MonitorType, 'heartbeat'>

const checkers: { readonly [T in CheckedType]: Checker } = {
  http: checkHttp,
  https: checkHttp,
  keyword: checkKeyword,
  tcp: checkTcp,
  port: checkTcp,
  ssl: checkSsl,
  ping: checkPing,
  dns: checkDns,
  smtp: checkSmtp,
}

/** One check, however it ends. Never rejects. */
export async function runCheck(
  monitor: CheckedMonitor & { readonly type: CheckedType },
  secrets: CheckSecrets,
  deps: CheckDeps,
): Promise<CheckResult> {
  try {
    const result = await checkers[monitor.type](monitor, secrets, deps)
    const isUnheard = result.kind === 'result' && result.status === 'down' && result.responseTimeMs === null
    // Every target falls silent at once when it is our own cable that is cut.
    if (isUnheard && result.statusCode === null && (await deps.nameServers.haveFallenSilent())) {
      return probeError('neither the target nor the name servers can be reached from here')
    }
    return result
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined
    return isOurOwn(code) ? failedHere(code) : probeError('the check failed here')
  }
}
