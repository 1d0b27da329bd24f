import type { OutboundAnswer } from '../../outbound/client.ts'
import { type AlertDeps, type AlertOutcome, alertTimeoutMs } from './alert.ts'
import { clip, oneLine } from './text.ts'

export type Post = {
  readonly url: string
  /** As it goes over the wire, for it may be signed. */
  readonly json: string
  readonly headers?: Readonly<Record<string, string>>
  /** What must not come back in an error text: people who may send a test alert may not read these. */
  readonly secrets: readonly string[]
}

const mostAnswerBytes = 16_384
const longestExcerpt = 200

/** Any 2xx counts as taken. Redirects are refused: a service that moved must be told so, not followed. */
export async function postJson(deps: AlertDeps, { url, json, headers, secrets }: Post): Promise<AlertOutcome> {
  const answer = await deps.outbound.request({
    url,
    method: 'POST',
    headers: { 'Content-Type': 'application/json', ...headers },
    body: json,
    timeoutMs: deps.timeoutMs ?? alertTimeoutMs,
    maxBytes: mostAnswerBytes,
    overflow: 'cut',
  })
  if (!answer.ok) return { ok: false, error: answer.error }
  if (answer.status >= 200 && answer.status < 300) return { ok: true }
  const excerpt = excerptOf(answer, secrets)
  return { ok: false, error: `the service answered ${answer.status}${excerpt === '' ? '' : `: ${excerpt}`}` }
}

/** Services say there what is wrong; HTML pages only say that something is. */
function excerptOf({ headers, body }: OutboundAnswer, secrets: readonly string[]): string {
  if (!/^(application\/([\w.-]+\+)?json|text\/plain)\b/i.test(headers['content-type'] ?? '')) return ''
  const text = oneLine(body.toString('utf8'))
  // Left out whole rather than masked: an answer that repeats a secret may do so in more than one spelling.
  return secrets.flatMap(telltales).some((part) => text.includes(part)) ? '' : clip(text, longestExcerpt)
}

const shortestTelltale = 12

/** A secret and its parts; of a URL, everything behind the host. */
function telltales(secret: string): string[] {
  const url = URL.parse(secret)
  const path = url === null ? secret : `${url.pathname}${url.search}`
  const parts = path.split(/[/?&=:.]/).filter((part) => part.length >= shortestTelltale)
  return [secret, path, ...parts, ...parts.map((part) => decoded(part))].filter((part) => part.length > 1)
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
