import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

/** Something the service promises, tried on real processes. Resolves with whether it held; prints the figures. */
export type Proof = {
  readonly summary: string
  /** How many runs make the short form, which every change has to pass; without it only the long one is worth having. */
  readonly short?: number
  readonly prove: (runs: number | undefined) => Promise<boolean>
}

export type Script = {
  readonly child: ChildProcess
  readonly lines: string[]
  readonly ended: Promise<number | null>
  /** The first line of output that starts so; rejects if the script ends without one. */
  line(start: string): Promise<string>
}

/** Runs a script of this folder, with what is to come before the command, such as a tracer, in `prefix`. */
export function startScript(name: string, values: readonly string[], prefix: readonly string[] = []): Script {
  const path = fileURLToPath(new URL(`${name}.ts`, import.meta.url))
  const [command = '', ...rest] = [...prefix, process.execPath, path, ...values]
  const child = spawn(command, rest, { stdio: ['ignore', 'pipe', 'inherit'] })
  const lines: string[] = []
  const reader = createInterface(child.stdout).on('line', (line) => lines.push(line))
  // All of the output has been read when the reader closes, which is after the process ended.
  const ended = new Promise<number | null>((resolve) => reader.once('close', () => resolve(child.exitCode)))
  const line = (start: string) =>
    new Promise<string>((resolve, reject) => {
      const look = () => {
        const found = lines.find((text) => text.startsWith(start))
        if (found !== undefined) resolve(found)
      }
      look()
      reader.on('line', look)
      reader.once('close', () => reject(new Error(`${name} ended without a line that starts with ${start}`)))
    })
  return { child, lines, ended, line }
}

export async function inTemporaryFolder<T>(work: (folder: string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'owlery-proof-'))
  try {
    return await work(folder)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}
