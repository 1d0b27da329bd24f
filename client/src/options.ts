export interface ClientOptions {
  /** Where the service is, for example `https://owlery.example.com`; a path in it is kept. */
  readonly baseUrl: string
  /** Sent as a bearer token. A function is asked before every attempt, so it can renew what has run out. */
  readonly token?: string | (() => string | undefined | Promise<string | undefined>)
  /** Sends a request in place of the global `fetch`. It must obey the request's signal. */
  readonly fetch?: (request: Request) => Promise<Response>
  /** For each attempt, until the whole body is read; 30000 unless told otherwise. */
  readonly timeoutMs?: number
  /** Attempts after the first one; 2 unless told otherwise. */
  readonly maxRetries?: number
  /** Sent with every request. */
  readonly headers?: Readonly<Record<string, string>>
  /** Browsers do not let a page choose it. */
  readonly userAgent?: string
  /** `include` sends the session cookie to another origin. */
  readonly credentials?: 'include' | 'omit' | 'same-origin'
}

export interface CallOptions {
  /** Ends the call at once with an `AbortError`, also between two attempts. */
  readonly signal?: AbortSignal
  readonly timeoutMs?: number
  readonly maxRetries?: number
  readonly headers?: Readonly<Record<string, string>>
}

/** For operations that do their work once however often the same request arrives. */
export interface IdempotentCallOptions extends CallOptions {
  /** One is made for each call; give your own to repeat a call safely after a restart. */
  readonly idempotencyKey?: string
}
