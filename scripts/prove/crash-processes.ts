import { setTimeout } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { type ServerProcess, startServer } from '../lib/server-process.ts'

export type Role = 'api' | 'worker' | 'all'

export type Processes = {
  /** Those that answer requests at this moment. */
  readonly apis: readonly ServerProcess[]
  /** All of them at once, and each again whenever it was killed. */
  start(): Promise<void>
  /** Some process that runs, and with `restarts` a new one in its place. */
  killOne(restarts: boolean): Promise<void>
  /** Nobody is killed any more; resolves when everybody is there. */
  settled(): Promise<void>
  stop(signal: 'SIGTERM' | 'SIGKILL'): Promise<void>
  /** What processes said that ended by themselves, or did not end when they were asked to. */
  readonly surprises: readonly string[]
}

type Slot = { readonly role: Role; running: ServerProcess | undefined; starting: Promise<void> }

const longestStopMs = 15_000

export function createProcesses(roles: readonly Role[], env: Readonly<Record<string, string>>): Processes {
  const preload = fileURLToPath(new URL('crash-endpoints.ts', import.meta.url))
  const slots: Slot[] = roles.map((role) => ({ role, running: undefined, starting: Promise.resolve() }))
  const surprises: string[] = []

  function begin(slot: Slot): void {
    slot.starting = (async () => {
      const server = await startServer({
        env: { ...env, NODE_OPTIONS: `--import=${preload}` },
        arguments: ['--role', slot.role],
      })
      slot.running = server
      void server.ended.then((code) => {
        if (slot.running !== server) return
        slot.running = undefined
        surprises.push(`${slot.role} ended by itself with ${code}: ${server.output().slice(-500)}`)
      })
    })()
    // Looked at by whoever waits for it.
    slot.starting.catch(() => undefined)
  }

  async function end(slot: Slot, signal: 'SIGTERM' | 'SIGKILL'): Promise<void> {
    const server = slot.running
    if (server === undefined) return
    slot.running = undefined
    server.signal(signal)
    const ended = await Promise.race([server.ended.then(() => true), setTimeout(longestStopMs, false, { ref: false })])
    if (ended) return
    surprises.push(`${slot.role} did not stop: ${server.output().slice(-500)}`)
    server.signal('SIGKILL')
    await server.ended
  }

  return {
    get apis() {
      return slots.flatMap(({ role, running }) => (role === 'worker' || running === undefined ? [] : [running]))
    },
    start: async () => {
      for (const slot of slots) begin(slot)
      await Promise.all(slots.map(({ starting }) => starting))
    },
    killOne: async (restarts) => {
      for (;;) {
        const victims = slots.filter(({ running }) => running !== undefined)
        const victim = victims[Math.floor(Math.random() * victims.length)]
        if (victim !== undefined) {
          await end(victim, 'SIGKILL')
          if (restarts) begin(victim)
          return
        }
        await setTimeout(10)
      }
    },
    settled: async () => {
      await Promise.all(slots.map(({ starting }) => starting))
    },
    stop: async (signal) => {
      await Promise.all(slots.map(({ starting }) => starting))
      await Promise.all(slots.map((slot) => end(slot, signal)))
    },
    surprises,
  }
}
