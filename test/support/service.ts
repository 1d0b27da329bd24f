import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createClient } from '@owlery/client'
import { type App, createApp } from '@owlery/server/app.ts'
import { compose, jobHandlers } from '@owlery/server/compose.ts'
import { type Config, readConfig } from '@owlery/server/config.ts'
import { createLogTo } from '@owlery/server/log.ts'
import type { Services } from '@owlery/server/services.ts'
import { afterAll } from 'vitest'
import { type SettableClock, settableClock } from './clock.ts'
import { conformingFetch, type Fetch } from './conforming-fetch.ts'
import { freshDatabase } from './database.ts'

export type Client = ReturnType<typeof createClient>

export type Service = {
  readonly app: App
  readonly services: Services
  readonly clock: SettableClock
  /** Everything the service logged, line by line. */
  readonly logged: readonly string[]
  readonly dataDir: string
  /** For what fits the document. */
  readonly fetch: Fetch
  /** For what must be refused. */
  readonly send: Fetch
  client(token?: string): Client
  /** Starts the real queue with its workers, for tests of what happens after the answer. */
  startJobs(): Promise<void>
  stopping: boolean
}

export const origin = 'http://owlery.test'

type Options = {
  readonly config?: Partial<Config>
  readonly env?: Readonly<Record<string, string>>
  readonly now?: Date
  readonly address?: string
}

/** The whole service on a database of its own; only the socket is missing. Call it at the top of a test file. */
export async function freshService(options: Options = {}): Promise<Service> {
  const dataDir = mkdtempSync(join(tmpdir(), 'owlery-test-'))
  const database = await freshDatabase()
  const env = { DATA_DIR: dataDir, PUBLIC_URL: origin, RATE_LIMIT_SCALE: '0', LOG_LEVEL: 'info', ...options.env }
  const outcome = readConfig({ NODE_ENV: 'test', ...env }, [])
  if (!outcome.ok) throw new Error(outcome.faults.join('\n'))
  const clock = settableClock(options.now ?? new Date())
  const logged: string[] = []
  const log = createLogTo({ write: (line) => void logged.push(line) }, outcome.config.logLevel)
  let jobsRun = false
  const state = { stopping: false }
  const services = await compose({
    config: { ...outcome.config, ...options.config },
    clock,
    log,
    database,
    isStopping: () => state.stopping,
  })
  const app = createApp(services)
  const at = options.address === undefined ? {} : { address: options.address }
  const fetch = conformingFetch(app, { checkRequests: true, ...at })
  const send = conformingFetch(app, { checkRequests: false, ...at })
  afterAll(async () => {
    if (jobsRun) await services.queue.stop(1000)
    await database.close()
    rmSync(dataDir, { recursive: true, force: true })
  })
  return {
    app,
    services,
    clock,
    logged,
    dataDir,
    fetch,
    send,
    client: (token) => createClient({ baseUrl: origin, fetch, maxRetries: 0, ...(token !== undefined && { token }) }),
    startJobs: async () => {
      jobsRun = true
      await services.queue.start(jobHandlers(services))
    },
    get stopping() {
      return state.stopping
    },
    set stopping(value: boolean) {
      state.stopping = value
    },
  }
}
