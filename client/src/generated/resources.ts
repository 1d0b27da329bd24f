// Generated from openapi.yaml by `npm run generate`; changes here are lost.

import type { Call } from '../call.ts'
import type { PathId, Query } from '../operation-types.ts'
import type { CallOptions, IdempotentCallOptions } from '../options.ts'
import type { List } from '../pages.ts'
import type {
  Alive,
  AnthropicTool,
  ErrorDescription,
  LangchainTool,
  Login,
  Me,
  OpenaiTool,
  PasswordChange,
  PasswordForgotten,
  PasswordReset,
  PasswordResetRequested,
  Ready,
  Registered,
  Registration,
  SignedIn,
  Token,
  TokenCreate,
  TokenCreated,
  ToolIndex,
  Version,
} from './types.ts'

export interface PlatformAuthApi {
  /**
   * Create an account
   *
   * Creates a person and an organization that they own, and signs them in.
   *
   * `POST /api/v1/auth/register`
   */
  register(body: Registration, options?: CallOptions): Call<Registered, 'platform.auth.register'>
  /**
   * Sign in with a password
   *
   * Opens a session. It is a row that can be revoked; the answer is a signed name for it.
   *
   * `POST /api/v1/auth/login`
   */
  login(body: Login, options?: CallOptions): Call<SignedIn, 'platform.auth.login'>
  /**
   * Ask for a password reset
   *
   * Mails a link that sets a new password. It works once, for one hour.
   *
   * `POST /api/v1/auth/forgot-password`
   */
  forgotPassword(body: PasswordForgotten, options?: CallOptions): Call<PasswordResetRequested, 'platform.auth.forgotPassword'>
  /**
   * Set a new password with a reset link
   *
   * Sets the password and ends every session of the account.
   *
   * `POST /api/v1/auth/reset-password`
   */
  resetPassword(body: PasswordReset, options?: CallOptions): Call<void, 'platform.auth.resetPassword'>
}

export interface PlatformMeApi {
  /**
   * Who am I
   *
   * The person, the organization and the plan that the credential stands for. Any valid credential will do.
   *
   * `GET /api/v1/me`
   */
  get(options?: CallOptions): Call<Me, 'platform.me.get'>
  /**
   * Change my password
   *
   * Sets a new password and ends every other session of the account.
   *
   * `POST /api/v1/me/change-password`
   */
  changePassword(body: PasswordChange, options?: IdempotentCallOptions): Call<void, 'platform.me.changePassword'>
}

export interface PlatformTokensApi {
  /**
   * List my tokens
   *
   * The caller’s tokens in this organization, newest first, revoked ones included.
   *
   * `GET /api/v1/me/tokens`
   */
  list(query?: Query<'platform.tokens.list'>, options?: CallOptions): List<Token[], Token, 'platform.tokens.list'>
  /**
   * Mint a token
   *
   * The secret is answered once and kept only as a hash.
   *
   * `POST /api/v1/me/tokens`
   */
  create(body: TokenCreate, options?: IdempotentCallOptions): Call<TokenCreated, 'platform.tokens.create'>
  /**
   * Revoke a token
   *
   * It stops working at once. A token may always revoke itself; revoking twice is fine.
   *
   * `DELETE /api/v1/me/tokens/{id}`
   */
  delete(id: PathId<'platform.tokens.delete', 'id'>, options?: IdempotentCallOptions): Call<void, 'platform.tokens.delete'>
}

export interface PlatformHealthApi {
  /**
   * Is the process alive
   *
   * Touches nothing else.
   *
   * `GET /health/live`
   */
  live(options?: CallOptions): Call<Alive, 'platform.health.live'>
  /**
   * Can requests be served
   *
   * Asks every dependency. 503 while the database is away and while the server shuts down.
   *
   * `GET /health/ready`
   */
  ready(options?: CallOptions): Call<Ready, 'platform.health.ready'>
  /**
   * Metrics for Prometheus
   *
   * Asks for a bearer token if the operator has set one.
   *
   * `GET /metrics`
   */
  metrics(options?: CallOptions): Call<string, 'platform.health.metrics'>
  /**
   * What runs here
   *
   * The version of the service and the fingerprint of its contract.
   *
   * `GET /version`
   */
  version(options?: CallOptions): Call<Version, 'platform.health.version'>
}

export interface PlatformDocsApi {
  /**
   * All error codes
   *
   * JSON, or a page for readers that ask for HTML.
   *
   * `GET /docs/errors`
   */
  errors(options?: CallOptions): Call<ErrorDescription[], 'platform.docs.errors'>
  /**
   * One error code
   *
   * JSON, or a page for readers that ask for HTML.
   *
   * `GET /docs/errors/{code}`
   */
  error(code: PathId<'platform.docs.error', 'code'>, options?: CallOptions): Call<ErrorDescription, 'platform.docs.error'>
  /**
   * The contract as YAML
   *
   * The committed document, byte for byte.
   *
   * `GET /openapi.yaml`
   */
  documentYaml(options?: CallOptions): Call<string, 'platform.docs.documentYaml'>
}

export interface PlatformToolCataloguesApi {
  /**
   * Which tools for agents there are
   *
   * The catalogues with their hashes, and for each tool the request that a call of it becomes.
   *
   * `GET /openapi/tools-index.json`
   */
  index(options?: CallOptions): Call<ToolIndex, 'platform.toolCatalogues.index'>
  /**
   * Tools in the format of OpenAI
   *
   * The value of `tools` when asking for a chat completion. Reads, and those changes that are safe to leave to an
   * agent; an operation says so with `x-agent`.
   *
   * `GET /openapi/openai-tools.json`
   */
  openai(options?: CallOptions): Call<OpenaiTool[], 'platform.toolCatalogues.openai'>
  /**
   * Tools in the format of Anthropic
   *
   * The value of `tools` when asking for a message. Reads, and those changes that are safe to leave to an agent; an
   * operation says so with `x-agent`.
   *
   * `GET /openapi/anthropic-tools.json`
   */
  anthropic(options?: CallOptions): Call<AnthropicTool[], 'platform.toolCatalogues.anthropic'>
  /**
   * Tools in the format of LangChain
   *
   * Name, description and `args_schema` of structured tools, each with its request. Reads, and those changes that are
   * safe to leave to an agent; an operation says so with `x-agent`.
   *
   * `GET /openapi/langchain-tools.json`
   */
  langchain(options?: CallOptions): Call<LangchainTool[], 'platform.toolCatalogues.langchain'>
}

export interface PlatformApi {
  readonly auth: PlatformAuthApi
  readonly me: PlatformMeApi
  readonly tokens: PlatformTokensApi
  readonly health: PlatformHealthApi
  readonly docs: PlatformDocsApi
  readonly toolCatalogues: PlatformToolCataloguesApi
}

export interface Client {
  readonly platform: PlatformApi
}
