import { bootstrapToken, type ServerProcess, sharedSecrets, startServer } from '../lib/server-process.ts'
import { startPostgres } from '../lib/temporary-postgres.ts'
import { inTemporaryFolder } from './proof.ts'

export type TwoServers = { readonly here: ServerProcess; readonly there: ServerProcess; readonly databaseUrl: string }

type Settings = { readonly both?: Readonly<Record<string, string>>; readonly second?: Readonly<Record<string, string>> }

/** Two processes of the service on one PostgreSQL of their own, all of it gone afterwards. */
export async function withTwoServers<T>(settings: Settings, work: (servers: TwoServers) => Promise<T>): Promise<T> {
  await using postgres = await startPostgres()
  return await onDatabase(postgres.url, settings, work)
}

/** The same on a database that is there already. */
export function onDatabase<T>(
  databaseUrl: string,
  settings: Settings,
  work: (servers: TwoServers) => Promise<T>,
): Promise<T> {
  return inTemporaryFolder((folder) => {
    const env = {
      DATA_DIR: folder,
      DATABASE_URL: databaseUrl,
      OWLERY_BOOTSTRAP_TOKEN: bootstrapToken,
      ...sharedSecrets,
      ...settings.both,
    }
    return withServer(env, (here) =>
      withServer({ ...env, ...settings.second }, (there) => work({ here, there, databaseUrl })),
    )
  })
}

async function withServer<T>(
  env: Readonly<Record<string, string>>,
  work: (server: ServerProcess) => Promise<T>,
): Promise<T> {
  const server = await startServer({ env })
  try {
    return await work(server)
  } finally {
    server.signal('SIGKILL')
    await server.ended
  }
}

/** Calls with `atOnce` requests under way at any time, and answers their statuses. */
export async function statusesOf(
  count: number,
  atOnce: number,
  call: (index: number) => Promise<Response>,
): Promise<number[]> {
  const statuses: number[] = []
  let next = 0
  const worker = async () => {
    while (next < count) {
      const response = await call(next++)
      await response.arrayBuffer()
      statuses.push(response.status)
    }
  }
  await Promise.all(Array.from({ length: atOnce }, worker))
  return statuses
}

export function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN
}
