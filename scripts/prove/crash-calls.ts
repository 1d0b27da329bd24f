import { randomUUID } from 'node:crypto'
import { setTimeout } from 'node:timers/promises'
import { bootstrapToken } from '../lib/server-process.ts'
import type { Processes } from './crash-processes.ts'

export type Answer = { readonly status: number; readonly body: unknown }

export type Calls = {
  /** Repeats the call under one key until it is answered. */
  write(method: 'POST' | 'PATCH' | 'DELETE', path: string, body?: object): Promise<Answer>
  /** One try, at whichever process is there. */
  read(path: string): Promise<unknown>
  beat(token: string): Promise<boolean>
  readonly interrupted: number
  readonly unexpected: readonly string[]
}

const pauseMs = 20
const longestMs = 120_000

/** Clients that meet processes which may be gone at any moment. */
export function createCalls(processes: Processes): Calls {
  const unexpected: string[] = []
  let interrupted = 0

  /** Nothing if nobody answered to the end. */
  async function call(path: string, init: RequestInit): Promise<Answer | undefined> {
    const { apis } = processes
    const server = apis[Math.floor(Math.random() * apis.length)]
    if (server === undefined) return undefined
    try {
      const response = await fetch(`${server.url}/api/v1${path}`, init)
      const text = await response.text()
      return { status: response.status, body: text === '' ? undefined : JSON.parse(text) }
    } catch {
      interrupted += 1
      return undefined
    }
  }

  const headers = { authorization: `Bearer ${bootstrapToken}` }

  return {
    write: async (method, path, body) => {
      const init = {
        method,
        headers: {
          ...headers,
          'idempotency-key': randomUUID(),
          ...(body !== undefined && { 'content-type': 'application/json' }),
        },
        ...(body !== undefined && { body: JSON.stringify(body) }),
      }
      const end = performance.now() + longestMs
      while (performance.now() < end) {
        const answer = await call(path, init)
        // A process that was killed may hold the key until the database notices; one that starts sends nobody on yet.
        const mayRepeat = answer === undefined || answer.status === 503 || codeOf(answer) === 'IDEMPOTENCY_IN_PROGRESS'
        if (!mayRepeat) {
          // Somebody else, or a check, may have been first.
          const isLate = codeOf(answer) === 'INCIDENT_ALREADY_RESOLVED'
          if (answer.status >= 400 && !isLate)
            unexpected.push(`${method} ${path}: ${answer.status} ${JSON.stringify(answer.body)}`)
          return answer
        }
        await setTimeout(pauseMs)
      }
      throw new Error(`${method} ${path} was not answered`)
    },
    read: async (path) => {
      const answer = await call(path, { headers })
      return answer?.status === 200 ? answer.body : undefined
    },
    beat: async (token) => (await call(`/heartbeats/${token}`, { method: 'POST' }))?.status === 204,
    get interrupted() {
      return interrupted
    },
    unexpected,
  }
}

function codeOf({ body }: Answer): unknown {
  return typeof body === 'object' && body !== null && 'code' in body ? body.code : undefined
}

export function field(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined
}
