import { appendFileSync } from 'node:fs'

/** Where the run keeps what it has seen; the last test compares it with the document. */
const file = process.env.OWLERY_SEEN_FILE

const known = new Set<string>()

/** Records that a test has met (operation, status, code). */
export function sawAnswer(operation: string, status: number, code: string | undefined): void {
  const line = `${operation} ${status}${code === undefined ? '' : ` ${code}`}`
  if (known.has(line)) return
  known.add(line)
  if (file !== undefined) appendFileSync(file, `${line}\n`)
}
