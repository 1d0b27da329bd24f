import type { Json, JsonObject } from './document.ts'
import { type ErrorCode, errorCodes, errors } from './errors.ts'
import { objectAt } from './json.ts'
import { type Operation, possibleErrors } from './operation.ts'

/** `NOT_FOUND` → `ErrorNotFound`: the component that holds the code's own shape. */
function errorComponentName(code: ErrorCode): string {
  const words = code.toLowerCase().split('_')
  return `Error${words.map((word) => word.slice(0, 1).toUpperCase() + word.slice(1)).join('')}`
}

const fields: JsonObject = {
  type: 'array',
  items: { $ref: '#/components/schemas/ErrorField' },
}

function component(code: ErrorCode): JsonObject {
  const entry = errors[code]
  const hasFields = code === 'VALIDATION_FAILED'
  return {
    type: 'object',
    description: `${entry.meaning} ${entry.remedy}`,
    properties: {
      error: { type: 'string', description: 'For people. It may change.' },
      code: { type: 'string', enum: [code] },
      ...(hasFields && { fields }),
      requestId: { type: 'string', description: 'Also in the header X-Request-Id; the log knows it.' },
    },
    required: ['error', 'code', ...(hasFields ? ['fields'] : []), 'requestId'],
    example: {
      error: entry.message,
      code,
      ...(hasFields && { fields: [{ path: 'name', code: 'too_small', message: 'Must have at least 1 character' }] }),
      requestId: '01JZ5Q6W8Y3T2R4V6X8Z0B2D4F',
    },
  }
}

export function errorComponents(): JsonObject {
  return {
    ErrorCode: {
      type: 'string',
      description: 'Every code that an error may carry. New ones may be added; none is ever renamed or reused.',
      enum: [...errorCodes],
      'x-extensible': true,
      example: 'NOT_FOUND',
    },
    ErrorField: {
      type: 'object',
      description: 'One fault in the request.',
      properties: {
        path: { type: 'string', description: 'Where, with dots; empty for the body as a whole.' },
        code: { type: 'string', description: 'The kind of fault.' },
        message: { type: 'string', description: 'For people. It may change.' },
      },
      required: ['path', 'code', 'message'],
      example: { path: 'name', code: 'too_small', message: 'Must have at least 1 character' },
    },
    ...Object.fromEntries(errorCodes.map((code) => [errorComponentName(code), component(code)])),
  }
}

function schemaFor(codes: readonly ErrorCode[]): JsonObject {
  const refs = codes.map((code) => ({ code, $ref: `#/components/schemas/${errorComponentName(code)}` }))
  const [first] = refs
  if (first !== undefined && refs.length === 1) return { $ref: first.$ref }
  return {
    oneOf: refs.map(({ $ref }) => ({ $ref })),
    discriminator: { propertyName: 'code', mapping: Object.fromEntries(refs.map(({ code, $ref }) => [code, $ref])) },
  }
}

const tellsWhenToRetry = new Set([429, 503])

/**
 * One response per status. What is documented by hand (`otherwise`) already carries its codes, but for a text: that
 * stands beside them.
 */
export function errorResponses(operation: Operation, documented: JsonObject): JsonObject {
  const byStatus = new Map<number, ErrorCode[]>()
  for (const { status, code } of possibleErrors(operation)) {
    byStatus.set(status, [...(byStatus.get(status) ?? []), code])
  }
  const responses: { [status: string]: Json } = {}
  for (const [status, codes] of byStatus) {
    if (documented[String(status)] !== undefined) {
      const byHand = objectAt(documented, String(status))
      const content = objectAt(byHand, 'content')
      const isText = content['application/json'] === undefined
      if (isText) responses[String(status)] = { ...byHand, content: { ...contentFor(codes), ...content } }
      continue
    }
    const [only] = codes
    responses[String(status)] =
      only !== undefined && codes.length === 1 && errors[only].status === status
        ? { $ref: `#/components/responses/${errorComponentName(only)}` }
        : responseFor(status, codes)
  }
  return responses
}

function responseFor(status: number, codes: readonly ErrorCode[]): JsonObject {
  return {
    description: codes.map((code) => `\`${code}\`: ${errors[code].message}.`).join(' '),
    headers: {
      'X-Request-Id': { $ref: '#/components/headers/X-Request-Id' },
      ...(tellsWhenToRetry.has(status) && { 'Retry-After': { $ref: '#/components/headers/Retry-After' } }),
    },
    content: contentFor(codes),
  }
}

function contentFor(codes: readonly ErrorCode[]): JsonObject {
  return { 'application/json': { schema: schemaFor(codes) } }
}

/** A status with a single code reads the same wherever it occurs; only those that occur are in the document. */
export function errorResponseComponents(operations: readonly Operation[]): JsonObject {
  const used = new Set<ErrorCode>()
  for (const operation of operations) {
    for (const response of Object.values(errorResponses(operation, {}))) {
      for (const code of errorCodes) {
        if (isReferenceTo(response, code)) used.add(code)
      }
    }
  }
  return Object.fromEntries(
    [...used].sort().map((code) => [errorComponentName(code), responseFor(errors[code].status, [code])]),
  )
}

function isReferenceTo(response: Json | undefined, code: ErrorCode): boolean {
  if (typeof response !== 'object' || response === null || Array.isArray(response)) return false
  return response.$ref === `#/components/responses/${errorComponentName(code)}`
}
