import { realpath } from 'node:fs/promises'
import { join } from 'node:path'
import { root } from './root.ts'
import { timedRun } from './timed-run.ts'

export type TypeCheck = {
  readonly ok: boolean
  readonly output: string
  readonly instantiations: number
  readonly cpuSeconds: number
}

/** Type-checks the project in `folder` with the repository's own compiler. */
export async function typeCheck(folder: string, ...flags: readonly string[]): Promise<TypeCheck> {
  const compiler = await realpath(join(root, 'node_modules/.bin/tsc'))
  const words = [compiler, '--extendedDiagnostics', ...flags, '-p', '.']
  const { ok, stdout, cpuSeconds } = await timedRun(process.execPath, words, folder)
  const instantiations = /^Instantiations:\s+(\d+)/m.exec(stdout)?.[1]
  return { ok, output: stdout, instantiations: Number(instantiations ?? Number.NaN), cpuSeconds }
}
