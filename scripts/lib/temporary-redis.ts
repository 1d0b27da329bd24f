import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { createConnection } from 'node:net'
import { setTimeout } from 'node:timers/promises'
import { freePort } from './temporary-postgres.ts'

const binary = process.env.REDIS_SERVER ?? '/usr/bin/redis-server'

export type TemporaryRedis = { readonly url: string; kill(): Promise<void>; start(): Promise<void> }

/** A Redis in memory on a port of its own, which can be killed and started again; undefined where none is installed. */
export async function startRedis(): Promise<TemporaryRedis | undefined> {
  if (!existsSync(binary)) return undefined
  const port = await freePort()
  let child: ChildProcess | undefined
  const start = async () => {
    const options = ['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no']
    child = spawn(binary, options, { stdio: 'ignore' })
    await untilOpen(port)
  }
  const kill = async () => {
    const ended = new Promise((resolve) => child?.once('exit', resolve))
    if (child?.kill('SIGKILL')) await ended
  }
  await start()
  return { url: `redis://127.0.0.1:${port}`, kill, start }
}

async function untilOpen(port: number): Promise<void> {
  for (let attempt = 0; attempt < 200; attempt++) {
    if (await opens(port)) return
    await setTimeout(25)
  }
  throw new Error('Redis did not start')
}

function opens(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = createConnection(port, '127.0.0.1')
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false))
    socket.once('connect', () => socket.destroy())
  })
}
