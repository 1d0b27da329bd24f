import { ApiError, type ApiErrorOf, type Unrecognized } from './errors.ts'
import type { Codes, OperationId } from './operation-types.ts'

export interface Reply<Data> {
  readonly data: Data
  /** Status and headers. The body has been read: it is `data`. */
  readonly response: Response
  readonly requestId: string | undefined
}

export type Result<Data, Code extends string> =
  | { readonly ok: true; readonly data: Data }
  | { readonly ok: false; readonly error: ApiErrorOf<Code> }

/** A request under way. `await` it for the body; it throws `ApiError` when the server answers with an error. */
export class Call<Data, Id extends OperationId> extends Promise<Data> {
  // What `.then` and its kin derive is an ordinary promise: they call the constructor with something else than a reply.
  static override get [Symbol.species](): PromiseConstructor {
    return Promise
  }

  readonly #reply: Promise<Reply<Data>>

  constructor(reply: Promise<Reply<Data>>) {
    super((resolve, reject) => reply.then(({ data }) => resolve(data), reject))
    this.#reply = reply
  }

  /** The body together with the HTTP response. */
  withResponse(): Promise<Reply<Data>> {
    return this.then(() => this.#reply)
  }

  /** The server's errors as a value, typed by the operation's own codes. Connection, timeout and abort still throw. */
  result(): Promise<Result<Data, Codes<Id> | Unrecognized>> {
    return this.then(
      (data) => ({ ok: true, data }),
      (error) => {
        if (isDeclaredError<Id>(error)) return { ok: false, error }
        throw error
      },
    )
  }
}

// `reply.ts` gives an ApiError no other code than one that the operation declares, or UNRECOGNIZED.
function isDeclaredError<Id extends OperationId>(error: unknown): error is ApiErrorOf<Codes<Id> | Unrecognized> {
  return error instanceof ApiError
}
