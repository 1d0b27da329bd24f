import { readFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startServer } from '../lib/server-process.ts'
import { median, row } from './figures.ts'

const warmStarts = 5
const settleMs = 5000

/** (b) From the command to the first answer, on an empty and on an existing folder; (c) memory when idle. */
export async function starts(): Promise<void> {
  const dataDir = await mkdtemp(join(tmpdir(), 'owlery-starts-'))
  try {
    const cold = await startServer({ env: { DATA_DIR: dataDir } })
    row('first start, embedded', `${cold.startMs.toFixed(0)} ms`)
    await stop(cold)
    const times: number[] = []
    for (let round = 0; round < warmStarts; round++) {
      const warm = await startServer({ env: { DATA_DIR: dataDir } })
      times.push(warm.startMs)
      if (round === warmStarts - 1) {
        await new Promise((resolve) => setTimeout(resolve, settleMs))
        row(
          'idle memory, embedded',
          `${residentMegabytes(warm.pid).toFixed(0)} MB`,
          'resident, five seconds after the start',
        )
      }
      await stop(warm)
    }
    row(
      'next start, embedded',
      `${median(times).toFixed(0)} ms`,
      `slowest of ${warmStarts}: ${Math.max(...times).toFixed(0)} ms`,
    )
  } finally {
    await rm(dataDir, { recursive: true, force: true })
  }
}

async function stop(server: Awaited<ReturnType<typeof startServer>>): Promise<void> {
  server.signal('SIGTERM')
  const code = await server.ended
  if (code !== 0) throw new Error(`the server ended with ${code}`)
}

function residentMegabytes(pid: number): number {
  const kilobytes = /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]
  return Number(kilobytes) / 1024
}
