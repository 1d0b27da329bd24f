import { errors } from '@owlery/spec'
import type { Guard, Verdict } from '../outbound/guard.ts'
import { boundedWork } from '../security/bounded-work.ts'
import type { Target } from './monitors.rules.ts'
import type { GivenSecrets } from './monitors.secrets.ts'

/** An address that shall be stored, and where it stands in the body. */
export type Asked = { readonly path: string } & ({ readonly target: Target } | { readonly alertUrl: string })

export type Refusal = {
  readonly code: 'MONITOR_TARGET_UNSAFE' | 'ALERT_URL_BLOCKED' | 'ALERT_URL_INVALID'
  readonly message: string
}

const atOnce = 50
const allMs = 10_000
const oneMs = 2000
const leastMs = 50

export function alertUrlsOf(given: GivenSecrets, at = ''): Asked[] {
  const { alertWebhookUrl, alertSlackUrl, alertDiscordUrl, alertMsteamsUrl } = given
  return Object.entries({ alertWebhookUrl, alertSlackUrl, alertDiscordUrl, alertMsteamsUrl }).flatMap(
    ([field, alertUrl]) => (alertUrl ? [{ path: `${at}${field}`, alertUrl }] : []),
  )
}

/**
 * The first address, in the order given, that must not be called. A name that does not resolve is let through: what
 * shall be watched may well be down, and every call checks the address again. That also bounds the time all of it takes.
 */
export async function findRefusal(guard: Guard, asked: readonly Asked[]): Promise<Refusal | undefined> {
  const end = performance.now() + allMs
  const inTurn = boundedWork(atOnce, asked.length)
  // Many monitors share a channel, so each text is looked up once.
  const verdicts = new Map<string, Promise<Verdict>>()
  const judge = (one: Asked): Promise<Verdict> => {
    const isHost = 'target' in one && one.target.kind === 'host'
    const text = 'target' in one ? one.target.text : one.alertUrl
    const key = `${isHost} ${text}`
    const known = verdicts.get(key)
    if (known !== undefined) return known
    const fresh = inTurn(() => {
      const timeoutMs = Math.min(oneMs, Math.max(leastMs, end - performance.now()))
      return isHost ? guard.checkHost(text, { timeoutMs }) : guard.checkUrl(text, { timeoutMs })
    })
    verdicts.set(key, fresh)
    return fresh
  }
  const judged = await Promise.all(asked.map(async (one) => refusalOf(one, await judge(one))))
  return judged.find((refusal) => refusal !== undefined)
}

function refusalOf(one: Asked, verdict: Verdict): Refusal | undefined {
  if (verdict === 'ok' || verdict === 'unresolvable') return undefined
  const alertCode = verdict === 'invalid' ? 'ALERT_URL_INVALID' : 'ALERT_URL_BLOCKED'
  const code = 'target' in one ? 'MONITOR_TARGET_UNSAFE' : alertCode
  return { code, message: `${one.path}: ${errors[code].message}` }
}
