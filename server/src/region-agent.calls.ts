import { contract, type Operation, type z } from '@owlery/spec'
import type { RegionAgentConfig } from './config/region-agent.ts'
import { name, version } from './version.ts'

/** `away`: it may do later. `refused`: it will not, as things are; `text` is for people. */
export type Answer<T> =
  | { readonly kind: 'ok'; readonly body: T }
  | { readonly kind: 'away'; readonly text: string; readonly retryAfterMs: number }
  | { readonly kind: 'refused'; readonly code: string; readonly text: string }

type Records = (typeof contract)['uptime']['regions']
type Sent<V extends keyof Records> = Records[V] extends { body: infer S extends z.ZodType } ? z.input<S> : never
type Got<V extends keyof Records> = z.output<Records[V]['success']['body']>

/** What an agent asks of its service. Never rejects. */
export type RegionCalls = {
  start(body: Sent<'startAgent'>): Promise<Answer<Got<'startAgent'>>>
  claim(body: Sent<'claim'>): Promise<Answer<Got<'claim'>>>
  report(body: Sent<'report'>): Promise<Answer<Got<'report'>>>
}

const timeoutMs = 15_000
// A hundred checks with as many headers as they may have.
const mostBytes = 16 * 1024 * 1024
const mostRetryAfterMs = 5 * 60_000

export function createRegionCalls({ server, token }: Pick<RegionAgentConfig, 'server' | 'token'>): RegionCalls {
  const { startAgent, claim, report } = contract.uptime.regions
  return {
    start: (body) => call(server, startAgent, startAgent.success.body, body, { Authorization: `Bearer ${token}` }),
    claim: (body) => call(server, claim, claim.success.body, body),
    report: (body) => call(server, report, report.success.body, body),
  }
}

async function call<S extends z.ZodType>(
  server: string,
  { path, method, success }: Pick<Operation, 'path' | 'method' | 'success'>,
  schema: S,
  body: unknown,
  credential: Readonly<Record<string, string>> = {},
): Promise<Answer<z.output<S>>> {
  try {
    const response = await fetch(new URL(path, server), {
      method: method.toUpperCase(),
      headers: { 'Content-Type': 'application/json', 'User-Agent': `${name}/${version}`, ...credential },
      body: JSON.stringify(body),
      // Where it leads has not been told any secret yet, and shall not be.
      redirect: 'manual',
      signal: AbortSignal.timeout(timeoutMs),
    })
    const said = await readJson(response)
    if (response.status === success.status) {
      const parsed = schema.safeParse(said)
      return parsed.success
        ? { kind: 'ok', body: parsed.data }
        : { kind: 'refused', code: 'UNREADABLE', text: 'its answer is none that this version of the agent understands' }
    }
    const { code, error } = problemIn(said)
    const text = `it answered ${[response.status, code, error].filter(Boolean).join(' ')}`
    const isPassing = response.status === 408 || response.status === 429 || response.status >= 500
    return isPassing ? { kind: 'away', text, retryAfterMs: retryAfterOf(response) } : { kind: 'refused', code, text }
  } catch (error) {
    return { kind: 'away', text: causeOf(error), retryAfterMs: 0 }
  }
}

async function readJson(response: Response): Promise<unknown> {
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of response.body ?? []) {
    size += chunk.length
    if (size > mostBytes) throw new Error('its answer is too large')
    chunks.push(chunk)
  }
  try {
    return JSON.parse(Buffer.concat(chunks).toString('utf8'))
  } catch {
    return undefined
  }
}

/** Of whoever answered, which need not be the service: nothing of it may reach across a line of the log. */
function problemIn(said: unknown): { readonly code: string; readonly error: string } {
  const textAt = (key: string) => {
    const value: unknown = typeof said === 'object' && said !== null ? Reflect.get(said, key) : undefined
    return typeof value === 'string' ? value.replace(/\p{Cc}/gu, ' ').slice(0, 200) : ''
  }
  return { code: textAt('code'), error: textAt('error') }
}

function retryAfterOf(response: Response): number {
  const seconds = Number(response.headers.get('retry-after') ?? 0)
  return Number.isFinite(seconds) && seconds > 0 ? Math.min(seconds * 1000, mostRetryAfterMs) : 0
}

/** Only codes: messages of the network name addresses, and those of parsers quote. */
function causeOf(error: unknown): string {
  if (error instanceof Error && error.name === 'TimeoutError') return 'it did not answer in time'
  const cause = error instanceof Error ? (error.cause ?? error) : undefined
  const code: unknown = cause instanceof Error && 'code' in cause ? cause.code : undefined
  return typeof code === 'string' ? `it cannot be reached (${code})` : 'it cannot be reached'
}
