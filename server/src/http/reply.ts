/** An answer in one of the other content types that the record lists. */
export class TextReply<T extends string = string> {
  readonly type: T
  readonly content: string | Uint8Array<ArrayBuffer> | ReadableStream<Uint8Array>
  readonly headers: Readonly<Record<string, string>>

  constructor(
    type: T,
    content: string | Uint8Array<ArrayBuffer> | ReadableStream<Uint8Array>,
    headers: Readonly<Record<string, string>> = {},
  ) {
    this.type = type
    this.content = content
    this.headers = headers
  }
}

/** The answer that the record documents as `otherwise`. */
export class OtherwiseReply<B = unknown> {
  readonly body: B
  readonly headers: Readonly<Record<string, string>>

  constructor(body: B, headers: Readonly<Record<string, string>> = {}) {
    this.body = body
    this.headers = headers
  }
}

/** What goes out, before the headers that every response carries. */
export type Reply = {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: string | Uint8Array<ArrayBuffer> | ReadableStream<Uint8Array> | null
}

const jsonType = 'application/json'

export function jsonReply(status: number, value: unknown, headers: Readonly<Record<string, string>> = {}): Reply {
  return { status, headers: { 'Content-Type': jsonType, ...headers }, body: JSON.stringify(value) }
}
