import { execFile, spawn } from 'node:child_process'
import { chmod, chown, mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'

const run = promisify(execFile)
const binaries = process.env.POSTGRES_BIN ?? '/usr/lib/postgresql/15/bin'

export type TemporaryPostgres = AsyncDisposable & {
  readonly url: string
  readonly pid: number
  stop(): Promise<void>
}

/** A cluster of our own with its usual durability, gone when stopped. As root it runs as the user postgres. */
export async function startPostgres(settings: readonly string[] = []): Promise<TemporaryPostgres> {
  const folder = await mkdtemp(join(tmpdir(), 'owlery-pg-'))
  const data = join(folder, 'data')
  const asOther = process.getuid?.() === 0
  if (asOther) {
    await chmod(folder, 0o755)
    const { stdout } = await run('id', ['-u', 'postgres'])
    await chown(folder, Number(stdout), -1)
  }
  const prefix = asOther ? ['runuser', '-u', 'postgres', '--'] : []
  const [initdb = '', ...initArguments] = [...prefix, `${binaries}/initdb`, '-D', data, '-A', 'trust', '-U', 'postgres']
  await run(initdb, [...initArguments, '-E', 'UTF8', '--no-sync'])
  const port = await freePort()
  const options = ['-D', data, '-p', String(port), '-k', folder, '-c', 'listen_addresses=127.0.0.1']
  const extra = settings.flatMap((setting) => ['-c', setting])
  const [command = '', ...rest] = [...prefix, `${binaries}/postgres`, ...options, ...extra]
  const server = spawn(command, rest, { stdio: 'ignore' })
  const ended = new Promise<void>((resolve) => server.once('exit', () => resolve()))
  await untilReady(port)
  const { stdout: pidFile } = await run('head', ['-n', '1', join(data, 'postmaster.pid')])
  const pid = Number(pidFile)
  const stop = async () => {
    process.kill(pid, 'SIGINT')
    await ended
    await rm(folder, { recursive: true, force: true })
  }
  return { url: `postgres://postgres@127.0.0.1:${port}/postgres`, pid, stop, [Symbol.asyncDispose]: stop }
}

export async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1')
  await new Promise((resolve) => probe.once('listening', resolve))
  const address = probe.address()
  await new Promise((resolve) => probe.close(resolve))
  if (address === null || typeof address === 'string') throw new Error('no free port')
  return address.port
}

async function untilReady(port: number): Promise<void> {
  for (let attempt = 0; attempt < 200; attempt++) {
    const answer = await run(`${binaries}/pg_isready`, ['-q', '-h', '127.0.0.1', '-p', String(port)]).catch(() => null)
    if (answer !== null) return
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
  throw new Error('PostgreSQL did not start')
}
