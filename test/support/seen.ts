import { appendFileSync } from 'node:fs'
import { afterAll } from 'vitest'

/** Where the run keeps what it has seen; once all tests have run it is compared with the document. */
const file = process.env.OWLERY_SEEN_FILE

const known = new Set<string>()
let counts = true

/** Records that a test has met (operation, status, code). */
export function sawAnswer(operation: string, status: number, code: string | undefined): void {
  const line = `${operation} ${status}${code === undefined ? '' : ` ${code}`}`
  if (!counts || known.has(line)) return
  known.add(line)
  if (file !== undefined) appendFileSync(file, `${line}\n`)
}

/** For a file of tests by chance: what they see today they may not see tomorrow. */
export function sightingsDoNotCount(): void {
  counts = false
  // The next file of the same worker has this module from here.
  afterAll(() => {
    counts = true
  })
}
