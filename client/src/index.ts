export type { Call, Reply, Result } from './call.ts'
export { createClient } from './client.ts'
export {
  AbortError,
  ApiError,
  type ApiErrorOf,
  ConnectionError,
  type FieldError,
  isApiError,
  TimeoutError,
  type Unrecognized,
} from './errors.ts'
export { type ErrorCode, type ErrorCodes, errorCodes } from './generated/error-codes.ts'
export type { Client } from './generated/resources.ts'
export type * from './generated/types.ts'
export type { Body, Codes, Data, OperationId, Query } from './operation-types.ts'
export type { CallOptions, ClientOptions, IdempotentCallOptions } from './options.ts'
export type { List } from './pages.ts'
export { verifyWebhook, type WebhookDelivery } from './verify-webhook.ts'
