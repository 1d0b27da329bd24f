import { createHash } from 'node:crypto'
import { isObject } from '../client/json.ts'
import { readTools, type Tool } from './model.ts'
import { fitsStrictMode } from './strict.ts'

/** Each is what its users pass on as it is, so nothing of ours stands in it that the format does not know. */
const formats: Readonly<Record<string, (tool: Tool) => object>> = {
  openai: ({ name, description, parameters }) => ({
    type: 'function',
    function: { name, description, parameters, strict: fitsStrictMode(parameters) },
  }),
  anthropic: ({ name, description, parameters }) => ({ name, description, input_schema: parameters }),
  langchain: (tool) => ({
    name: tool.name,
    description: tool.description,
    // LangChain takes the name of a bare schema from its title.
    args_schema: { title: tool.name, description: tool.description, ...tool.parameters },
    ...requestOf(tool),
  }),
}

/** How a call of the tool becomes a request. */
function requestOf({ operationId, method, path, use, scope, idempotent, placements }: Tool) {
  return { operationId, method, path, use, scope, idempotent, arguments: placements }
}

/** The catalogues of tools for agents, by path from the repository's root. */
export function generateTools(document: unknown): Map<string, string> {
  if (!isObject(document)) throw new TypeError('An OpenAPI document is an object')
  const tools = readTools(document)
  const files = Object.entries(formats).map(([format, shape]) => {
    const contents = print(tools.map(shape))
    return { format, file: `${format}-tools.json`, contents }
  })
  const index = {
    catalogues: files.map(({ format, file, contents }) => ({
      format,
      path: `/openapi/${file}`,
      tools: tools.length,
      sha256: createHash('sha256').update(contents).digest('hex'),
    })),
    tools: tools.map((tool) => ({ name: tool.name, ...requestOf(tool), exampleCall: tool.example })),
  }
  return new Map([
    ...files.map(({ file, contents }): [string, string] => [`spec/tools/generated/${file}`, contents]),
    ['spec/tools/generated/tools-index.json', `${JSON.stringify(index, null, 2)}\n`],
  ])
}

/** One tool per line: short to fetch, and a change shows as the tools it touches. */
function print(tools: readonly object[]): string {
  return `[${tools.map((tool) => `\n${JSON.stringify(tool)}`).join(',')}\n]\n`
}
