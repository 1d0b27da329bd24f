import { operation } from '../operation.ts'
import { anyone } from '../policy.ts'
import { anyJson, z } from '../primitives.ts'

const schemaExample = {
  type: 'object',
  properties: { id: { type: 'integer', minimum: 1, maximum: 2147483647, description: 'The id of the monitor.' } },
  required: ['id'],
  additionalProperties: false,
}
const description = 'Read a monitor. Without its secrets. Only reads. The token needs the scope monitors:read.'
const requestExample = {
  operationId: 'uptime.monitors.get',
  method: 'GET',
  path: '/api/v1/monitors/{id}',
  use: 'read',
  scope: 'monitors:read',
  idempotent: false,
  arguments: { id: { in: 'path', name: 'id' } },
} as const

const JsonSchema = z
  .record(z.string(), anyJson)
  .openapi('JsonSchema', { description: 'A schema, as of JSON Schema 2020-12.', example: schemaExample })

const openaiExample = { name: 'uptime_monitors_get', description, parameters: schemaExample, strict: true }

const OpenaiFunction = z
  .object({ name: z.string(), description: z.string(), parameters: JsonSchema, strict: z.boolean() })
  .openapi('OpenaiFunction', { description: 'The function of a tool, as OpenAI takes it.', example: openaiExample })

const OpenaiTool = z.object({ type: z.enum(['function']), function: OpenaiFunction }).openapi('OpenaiTool', {
  description: 'A tool as OpenAI takes it.',
  example: { type: 'function', function: openaiExample },
})

const AnthropicTool = z
  .object({ name: z.string(), description: z.string(), input_schema: JsonSchema })
  .openapi('AnthropicTool', {
    description: 'A tool as Anthropic takes it.',
    example: { name: 'uptime_monitors_get', description, input_schema: schemaExample },
  })

const ToolArgument = z
  .object({
    in: z.enum(['path', 'query', 'body']),
    name: z.string().optional().openapi({ description: 'Its name there. Absent: it is the whole body.' }),
  })
  .openapi('ToolArgument', {
    description: 'Where an argument of a tool goes in the request.',
    example: { in: 'path', name: 'id' },
  })

const request = {
  operationId: z.string(),
  method: z.enum(['GET', 'POST', 'PUT', 'PATCH']),
  path: z.string(),
  use: z.enum(['read', 'write']).openapi({ description: '`write` changes data.' }),
  scope: z.string().nullable().openapi({ description: 'What the token needs; `null`: any token will do.' }),
  idempotent: z.boolean().openapi({ description: 'Takes an Idempotency-Key.' }),
  arguments: z.record(z.string(), ToolArgument),
}

const LangchainTool = z
  .object({ name: z.string(), description: z.string(), args_schema: JsonSchema, ...request })
  .openapi('LangchainTool', {
    description: 'A tool as LangChain takes it, with the request that a call becomes.',
    example: {
      name: 'uptime_monitors_get',
      description,
      args_schema: { title: 'uptime_monitors_get', description, ...schemaExample },
      ...requestExample,
    },
  })

const catalogueExample = {
  format: 'openai',
  path: '/openapi/openai-tools.json',
  tools: 12,
  sha256: 'b94d27b9934d3e08a52e52d7da7dabfac484efe37a5380ee9088f7ace2efcde9',
} as const

const ToolCatalogue = z
  .object({
    format: z.enum(['openai', 'anthropic', 'langchain']),
    path: z.string(),
    tools: z.int().openapi({ description: 'How many it holds.' }),
    sha256: z.string().openapi({ description: 'Of the file as it is served.' }),
  })
  .openapi('ToolCatalogue', { description: 'One file of tools.', example: catalogueExample })

const callExample = { id: 42 }
const indexedExample = { name: 'uptime_monitors_get', ...requestExample, exampleCall: callExample }

const IndexedTool = z
  .object({
    name: z.string(),
    ...request,
    exampleCall: z.record(z.string(), anyJson).openapi({ description: 'The arguments of a call that is valid.' }),
  })
  .openapi('IndexedTool', {
    description: 'A tool and the request that a call of it becomes.',
    example: indexedExample,
  })

const ToolIndex = z.object({ catalogues: z.array(ToolCatalogue), tools: z.array(IndexedTool) }).openapi('ToolIndex', {
  description: 'The catalogues, and what their formats have no place for.',
  example: { catalogues: [catalogueExample], tools: [indexedExample] },
})

/** A generated file, as committed. */
function catalogue<const P extends `/openapi/${string}.json`, B extends z.ZodType>(
  path: P,
  body: B,
  said: { readonly summary: string; readonly description: string },
) {
  return operation({
    access: anyone,
    limit: null,
    errors: [],
    offline: true,
    origin: '24observe',
    method: 'get',
    path,
    ...said,
    success: {
      status: 200,
      description: 'The catalogue.',
      body,
      texts: ['application/json'],
      headers: { ETag: 'The SHA-256 of the file.' },
    },
  })
}

const filtered = 'Reads, and those changes that are safe to leave to an agent; an operation says so with `x-agent`.'

export const toolCatalogues = {
  index: catalogue('/openapi/tools-index.json', ToolIndex, {
    summary: 'Which tools for agents there are',
    description: 'The catalogues with their hashes, and for each tool the request that a call of it becomes.',
  }),
  openai: catalogue('/openapi/openai-tools.json', z.array(OpenaiTool).max(1000), {
    summary: 'Tools in the format of OpenAI',
    description: `The value of \`tools\` when asking for a chat completion. ${filtered}`,
  }),
  anthropic: catalogue('/openapi/anthropic-tools.json', z.array(AnthropicTool).max(1000), {
    summary: 'Tools in the format of Anthropic',
    description: `The value of \`tools\` when asking for a message. ${filtered}`,
  }),
  langchain: catalogue('/openapi/langchain-tools.json', z.array(LangchainTool).max(1000), {
    summary: 'Tools in the format of LangChain',
    description: `Name, description and \`args_schema\` of structured tools, each with its request. ${filtered}`,
  }),
}
