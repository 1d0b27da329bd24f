import { execFile } from 'node:child_process'
import { realpath } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

const run = promisify(execFile)

export type TypeCheck = { readonly ok: boolean; readonly output: string; readonly instantiations: number }

/** Type-checks the project in `folder` with the repository's own compiler. */
export async function typeCheck(folder: string, ...flags: readonly string[]): Promise<TypeCheck> {
  const compiler = await realpath(fileURLToPath(new URL('../../node_modules/.bin/tsc', import.meta.url)))
  const { ok, output } = await run(process.execPath, [compiler, '--extendedDiagnostics', ...flags, '-p', folder], {
    maxBuffer: 2 ** 26,
  }).then(
    ({ stdout }) => ({ ok: true, output: stdout }),
    (failure: unknown) => ({ ok: false, output: outputOf(failure) }),
  )
  const instantiations = /^Instantiations:\s+(\d+)/m.exec(output)?.[1]
  return { ok, output, instantiations: Number(instantiations ?? Number.NaN) }
}

function outputOf(failure: unknown): string {
  if (failure instanceof Error && 'stdout' in failure && typeof failure.stdout === 'string') return failure.stdout
  throw failure
}
