import type { contract } from '@owlery/spec'
import type { Handlers } from '../http/bind.ts'
import { TextReply } from '../http/reply.ts'
import { type ToolFile, toolFiles } from '../http/tool-files.ts'

export const toolCatalogues: Handlers<typeof contract.platform.toolCatalogues> = {
  index: () => reply(toolFiles.index),
  openai: () => reply(toolFiles.openai),
  anthropic: () => reply(toolFiles.anthropic),
  langchain: () => reply(toolFiles.langchain),
}

/** Not packed: an agent fetches it once, when it is built, and what it hashes is what came. */
function reply({ bytes, sha256 }: ToolFile): TextReply<'application/json'> {
  return new TextReply('application/json', bytes, {
    'Cache-Control': 'public, max-age=300',
    ETag: `"${sha256}"`,
  })
}
