import { spawn } from 'node:child_process'
import { constants } from 'node:fs'
import { access, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { afterAll, type TestContext } from 'vitest'
import { bootstrapToken, type ServerProcess, startServer } from '../../scripts/lib/server-process.ts'

/** The programs of others, run as their users run them: a command, an environment, a real server. */

export type Ended = { readonly code: number | null; readonly stdout: string; readonly stderr: string }

type Run = { readonly cwd: string; readonly env?: Readonly<Record<string, string>> }

const longestMs = 60_000

export function run(command: string, argv: readonly string[], { cwd, env = {} }: Run): Promise<Ended> {
  const child = spawn(command, argv, {
    cwd,
    env: { PATH: process.env.PATH, HOME: cwd, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: longestMs,
  })
  let stdout = ''
  let stderr = ''
  child.stdout.on('data', (chunk: Buffer) => {
    stdout += chunk.toString()
  })
  child.stderr.on('data', (chunk: Buffer) => {
    stderr += chunk.toString()
  })
  return new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('close', (code) => resolve({ code, stdout, stderr }))
  })
}

/** What the program wrote, provided that it ended well. */
export async function outputOf(command: string, argv: readonly string[], how: Run): Promise<string> {
  const { code, stdout, stderr } = await run(command, argv, how)
  if (code !== 0) throw new Error(`${command} ${argv.join(' ')} ended with ${code}:\n${stdout}${stderr}`)
  return stdout
}

/**
 * A machine without the program proves nothing about it. There the test shows as skipped and says why; where CI is set
 * it fails, so that nobody takes a lasting skip for a proof.
 */
export async function needsProgram(context: TestContext, name: string): Promise<void> {
  for (const folder of (process.env.PATH ?? '').split(delimiter)) {
    if (await isExecutable(join(folder, name))) return
  }
  if (process.env.CI) throw new Error(`${name} is not installed, so nothing is known about it`)
  context.skip(`${name} is not installed here`)
}

function isExecutable(path: string): Promise<boolean> {
  return access(path, constants.X_OK).then(
    () => true,
    () => false,
  )
}

/** A folder that is gone after the test file. */
export async function freshFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'owlery-clients-'))
  afterAll(() => rm(folder, { recursive: true, force: true }))
  return folder
}

export const ownerToken = bootstrapToken

/** The server as an operator starts it, on a database of its own. Call it at the top of a test file. */
export async function freshServer(): Promise<ServerProcess> {
  const dataDir = await mkdtemp(join(tmpdir(), 'owlery-clients-data-'))
  const server = await startServer({ env: { DATA_DIR: dataDir, OWLERY_BOOTSTRAP_TOKEN: ownerToken } })
  afterAll(async () => {
    server.signal('SIGTERM')
    await server.ended
    await rm(dataDir, { recursive: true, force: true })
  })
  return server
}
