import type { Reply } from './call.ts'
import { ApiError, type FieldError, type Unrecognized } from './errors.ts'
import type { Operation } from './operation.ts'
import { isRecord } from './record.ts'
import { readRetryAfter } from './retry.ts'

export function readReply(operation: Operation, response: Response, text: string): Reply<unknown> {
  const json = readJson(response, text)
  const header = response.headers.get('x-request-id') ?? undefined
  const { givesJson, givesText } = operation
  if (response.ok && (json !== undefined || givesText || !givesJson)) {
    const data = givesJson ? (json ?? text) : givesText ? text : undefined
    return { data, response, requestId: header }
  }

  const problem = isRecord(json) ? json : {}
  const rawCode = stringOrUndefined(problem['code'])
  const sentence = response.ok
    ? 'the answer is not JSON, as it should be; is baseUrl right?'
    : (stringOrUndefined(problem['error']) ?? response.statusText)
  const declared = operation.codes.find((code) => code === rawCode)
  throw new ApiError(sentence, {
    code: declared ?? ('UNRECOGNIZED' satisfies Unrecognized),
    rawCode,
    status: response.status,
    fields: Array.isArray(problem['fields']) ? problem['fields'].filter(isFieldError) : [],
    requestId: stringOrUndefined(problem['requestId']) ?? header,
    operation: operation.id,
    retryAfterSeconds: readRetryAfter(response.headers),
  })
}

function readJson(response: Response, text: string): unknown {
  if (!/^application\/(.+\+)?json\b/i.test(response.headers.get('content-type') ?? '')) return undefined
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function stringOrUndefined(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined
}

function isFieldError(value: unknown): value is FieldError {
  return isRecord(value) && ['path', 'code', 'message'].every((key) => typeof value[key] === 'string')
}
