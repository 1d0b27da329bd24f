import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { buildDocument, placedOperations } from '@owlery/spec'
import { generateClient } from './client/index.ts'
import { operationsList } from './operations-list.ts'
import { generateTools } from './tools/index.ts'
import { fromYaml, toYaml } from './yaml.ts'

export const root = fileURLToPath(new URL('../..', import.meta.url))

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/**
 * Every generated file and its contents. The document comes from `spec/`; all else comes from the document's own text,
 * read back, so that nothing can be in the client that is not in the file.
 */
export async function generateAll(): Promise<Map<string, string>> {
  const text = toYaml(buildDocument())
  const document = fromYaml(text)
  if (!isObject(document)) throw new Error('openapi.yaml does not hold an object')
  return new Map([
    ['openapi.yaml', text],
    ['spec/openapi.json', `${JSON.stringify(document)}\n`],
    ['spec/operations.txt', operationsList(placedOperations())],
    ...(await generateClient(text, document)),
    ...generateTools(document),
  ])
}

export async function readCommitted(path: string): Promise<string | undefined> {
  try {
    return await readFile(join(root, path), 'utf8')
  } catch {
    return undefined
  }
}
