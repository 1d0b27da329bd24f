import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'

export type ToolFile = { readonly bytes: Buffer<ArrayBuffer>; readonly sha256: string }

/** The committed catalogues, byte for byte: their hashes stand in the index, and with whoever has kept a copy. */
export const toolFiles = {
  index: read('tools-index.json'),
  openai: read('openai-tools.json'),
  anthropic: read('anthropic-tools.json'),
  langchain: read('langchain-tools.json'),
} as const

function read(name: string): ToolFile {
  const bytes = readFileSync(new URL(`../../../spec/tools/generated/${name}`, import.meta.url))
  return { bytes, sha256: createHash('sha256').update(bytes).digest('hex') }
}
