import { createHash } from 'node:crypto'
import type { contract } from '@owlery/spec'
import type { Handlers } from '../http/bind.ts'
import { documentYaml } from '../http/document-file.ts'
import { OtherwiseReply, TextReply } from '../http/reply.ts'
import { equalBytes, hashToken } from '../security/tokens.ts'
import { name, version } from '../version.ts'

const databaseTimeoutMs = 2000
const fingerprint = createHash('sha256').update(documentYaml).digest('hex')

export const health: Handlers<typeof contract.platform.health> = {
  live: () => ({ status: 'ok' }),

  async ready(_input, { services, requestId }) {
    const database = await stateOfDatabase(services.database)
    const checks = stateOfChecks(services.engine.state())
    const limits = services.requestLimits?.state()
    const dependencies = {
      database,
      ...(checks !== undefined && { checks }),
      ...(limits !== undefined && { limits: { ...limits } }),
    }
    const isFit = database.status !== 'unavailable' && checks?.status !== 'unavailable'
    const isWhole = database.status === 'ok' && (limits === undefined || limits.status === 'ok')
    if (isFit && !services.isStopping()) return { status: isWhole ? 'ok' : 'degraded', dependencies }
    return new OtherwiseReply({
      error: services.isStopping() ? 'The server is shutting down' : 'The service is not available right now',
      code: 'SERVICE_UNAVAILABLE',
      requestId,
      status: 'unavailable',
      dependencies,
    })
  },

  async metrics(_input, { services, headers, error }) {
    const { metricsToken } = services.config
    if (metricsToken !== undefined) {
      const given = /^Bearer (.+)$/i.exec(headers.get('authorization') ?? '')?.[1] ?? ''
      if (!equalBytes(hashToken(given), hashToken(metricsToken))) throw error('UNAUTHORIZED')
    }
    return new TextReply('text/plain', await services.metrics.text(), { 'Content-Type': services.metrics.contentType })
  },

  version: (_input, { services }) => ({
    name,
    version,
    contract: fingerprint,
    startedAt: services.startedAt.toISOString(),
  }),
}

/** Monitors that silently are no longer checked look like monitors that are fine. */
function stateOfChecks(state: 'off' | 'running' | 'stalled'): State | undefined {
  if (state === 'off') return undefined
  return state === 'running'
    ? { status: 'ok', detail: 'monitors are being checked' }
    : { status: 'unavailable', detail: 'monitors are no longer checked' }
}

type State = { status: 'ok' | 'degraded' | 'unavailable'; detail: string }

async function stateOfDatabase(database: {
  readonly kind: string
  readonly durability: string
  readsOnly(): boolean
  check(timeoutMs: number): Promise<void>
}): Promise<State> {
  try {
    await database.check(databaseTimeoutMs)
    if (database.readsOnly()) {
      return { status: 'degraded', detail: `${database.kind}: its disk is nearly full, so it only reads` }
    }
    return { status: 'ok', detail: `${database.kind}: ${database.durability}` }
  } catch {
    // The reason may name hosts; it is in the log of whoever asks the database for real.
    return { status: 'unavailable', detail: `${database.kind} does not answer` }
  }
}
