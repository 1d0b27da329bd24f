import { createHash } from 'node:crypto'

/** An ETag for what has no version of its own: the same content has the same one, in every process. */
export function tagOf(content: string): string {
  return `"${createHash('sha256').update(content).digest('base64url').slice(0, 22)}"`
}
