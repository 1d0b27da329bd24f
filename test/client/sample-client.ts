import { readFileSync } from 'node:fs'
import { parse } from 'yaml'
import type { Call } from '../../client/src/call.ts'
import { clientOf } from '../../client/src/client.ts'
import type { Tables } from '../../client/src/operation.ts'
import type { ClientOptions, IdempotentCallOptions } from '../../client/src/options.ts'
import type { List } from '../../client/src/pages.ts'
import { readErrorCodes } from '../../scripts/lib/client/error-codes.ts'
import { objectOf } from '../../scripts/lib/client/json.ts'
import { readOperations } from '../../scripts/lib/client/model.ts'
import { tablesOf } from '../../scripts/lib/client/table.ts'

export const sampleText = readFileSync(new URL('sample-openapi.yaml', import.meta.url), 'utf8')

/** A fresh copy, to be changed at will. */
export function sampleDocument() {
  return objectOf(parse(sampleText))
}

function sampleTables(): Tables {
  const document = sampleDocument()
  const errorCodes = readErrorCodes(document)
  const retryOf: Record<string, 'later' | 'same-key'> = {}
  for (const { code, retry } of errorCodes) if (retry === 'later' || retry === 'same-key') retryOf[code] = retry
  const codes = errorCodes.map(({ code }) => code)
  return { ...tablesOf(readOperations(document), codes), errorCodes: codes, retryOf }
}

type Options = IdempotentCallOptions

/**
 * The sample's operations as the tests call them: looser than generated types, so that a test can also hand over what
 * those would refuse. The ids of real operations stand in for the sample's.
 */
export interface SampleClient {
  readonly platform: {
    readonly tokens: {
      list(query?: object, options?: Options): List<{ id: number }[], { id: number }, 'platform.tokens.list'>
      create(body: unknown, options?: Options): Call<unknown, 'platform.tokens.create'>
      delete(id: unknown, options?: Options): Call<void, 'platform.tokens.delete'>
    }
    readonly sessions: { create(body: unknown, options?: Options): Call<unknown, 'platform.auth.login'> }
    readonly auditLogs: {
      list(query?: object, options?: Options): List<unknown, unknown, 'platform.tokens.list'>
    }
  }
  readonly uptime: {
    readonly monitors: {
      check(id: number, body?: unknown, query?: object, options?: Options): Call<unknown, 'platform.tokens.create'>
    }
    readonly badges: { get(id: unknown, options?: Options): Call<string, 'platform.health.metrics'> }
    readonly heartbeats: { ping(key: string, options?: Options): Call<void, 'platform.health.live'> }
  }
  readonly telemetry: {
    readonly issues: {
      list(project: string, query?: object): List<{ issues: { id: string }[] }, { id: string }, 'platform.tokens.list'>
      get(project: unknown, issue: unknown, options?: Options): Call<unknown, 'platform.me.get'>
    }
  }
  readonly fleet: {
    readonly machines: { list(query: object): List<{ name: string }[], { name: string }, 'platform.tokens.list'> }
  }
}

export function sampleClient(options: ClientOptions): SampleClient
export function sampleClient(options: ClientOptions): object {
  return clientOf(sampleTables(), options)
}
