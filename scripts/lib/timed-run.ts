import { execFile } from 'node:child_process'

export type TimedRun = {
  readonly ok: boolean
  readonly stdout: string
  /** Of all its threads. Unlike the time on the wall it does not depend on what else the machine does. */
  readonly cpuSeconds: number
}

// Node cannot tell what a child has used; the shell's `times` can: of itself first, then of its children.
const script = '"$@"; code=$?; times >&2; exit $code'

export function timedRun(command: string, words: readonly string[], folder: string): Promise<TimedRun> {
  return new Promise((resolve) => {
    const options = { cwd: folder, maxBuffer: 2 ** 28 }
    execFile('/bin/sh', ['-c', script, 'sh', command, ...words], options, (error, stdout, stderr) => {
      const ofChildren = stderr.trimEnd().split('\n').at(-1) ?? ''
      resolve({
        ok: error === null,
        stdout: error === null ? stdout : stdout + stderr,
        cpuSeconds: secondsIn(ofChildren),
      })
    })
  })
}

/** `1m2.50s 0m0.75s` → 63.25 */
function secondsIn(line: string): number {
  const parts = [...line.matchAll(/(\d+)m([\d.]+)s/g)]
  if (parts.length !== 2) throw new Error(`the shell reported no times: ${line}`)
  return parts.reduce((sum, [, minutes, seconds]) => sum + Number(minutes) * 60 + Number(seconds), 0)
}
