import { type ChildProcess, spawn } from 'node:child_process'
import { join } from 'node:path'
import { root } from './generate-all.ts'
import { freePort } from './temporary-postgres.ts'

export const bootstrapToken = `obs_${'benchmarks-and-proofs-use-this-first-token-'.slice(0, 43)}`
export const sharedSecrets = {
  JWT_SECRET: 'for-measurements-only-0123456789abcdef0123456789abcdef0123456789abcdef',
  ENCRYPTION_KEY: 'for-measurements-only-0123456789abcdef',
} as const

export type ServerProcess = {
  readonly port: number
  readonly pid: number
  readonly url: string
  /** From the command to the first answered request. */
  readonly startMs: number
  readonly child: ChildProcess
  /** Resolves with the exit code, or null after a signal. */
  readonly ended: Promise<number | null>
  signal(name: NodeJS.Signals): void
  /** What it has written so far, the end of it if it is much. */
  output(): string
}

type Start = {
  readonly script?: string
  readonly arguments?: readonly string[]
  readonly env: Readonly<Record<string, string>>
  readonly readyPath?: string
  /** Pins the process, so that the load generator does not share its core. */
  readonly core?: number
}

/** Starts a server script on a free port of loopback and waits for its first answer. */
export async function startServer({
  script = 'server/src/main.ts',
  arguments: given = [],
  env,
  readyPath = '/health/live',
  core,
}: Start): Promise<ServerProcess> {
  const port = await freePort()
  const command = core === undefined ? [process.execPath] : ['taskset', '-c', String(core), process.execPath]
  const [first = '', ...rest] = [...command, join(root, script), ...given]
  const started = performance.now()
  const child = spawn(first, rest, {
    cwd: root,
    env: {
      PATH: process.env.PATH,
      HOST: '127.0.0.1',
      PORT: String(port),
      RATE_LIMIT_SCALE: '0',
      LOG_LEVEL: 'warn',
      ...env,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let output = ''
  const keep = (chunk: Buffer) => {
    output = (output + chunk.toString()).slice(-1_000_000)
  }
  child.stdout.on('data', keep)
  child.stderr.on('data', keep)
  let exited = false
  const ended = new Promise<number | null>((resolve) =>
    child.once('exit', (code) => {
      exited = true
      resolve(code)
    }),
  )
  const url = `http://127.0.0.1:${port}`
  while (!(await answers(url + readyPath))) {
    if (exited) throw new Error(`${script} ended before it answered:\n${output.slice(-4000)}`)
    if (performance.now() - started > 60_000) {
      child.kill('SIGKILL')
      throw new Error(`${script} did not answer within a minute:\n${output.slice(-4000)}`)
    }
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
  if (child.pid === undefined) throw new Error(`${script} has no process id`)
  const { pid } = child
  return {
    port,
    pid,
    url,
    startMs: performance.now() - started,
    child,
    ended,
    signal: (name) => void child.kill(name),
    output: () => output,
  }
}

async function answers(url: string): Promise<boolean> {
  try {
    return (await fetch(url)).ok
  } catch {
    return false
  }
}
