/** `id` makes a retried message recognizable as the same one; it becomes the left part of its Message-ID. */
export type MailMessage = {
  readonly to: string
  readonly subject: string
  readonly text: string
  readonly html?: string
  readonly id?: string
  /** Where one POST ends the subscription that this mail comes from (RFC 8058). */
  readonly unsubscribeUrl?: string
}

export class MailRefused extends Error {
  override readonly name = 'MailRefused'
}

// One plain address: no list, no display name, no quoted local part, and nothing that could end a header line.
const plainAddress = /^(?=.{3,254}$)[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?$/
const hasLineBreakOrControl = /\p{Cc}/u
const longestBody = 200_000

/** Throws `MailRefused` for what must not leave this house; the message says which part, never its content. */
export function checkMessage(message: MailMessage): void {
  if (!plainAddress.test(message.to)) throw new MailRefused('the recipient must be one plain e-mail address')
  if (message.subject.length > 250 || hasLineBreakOrControl.test(message.subject)) {
    throw new MailRefused('the subject must be one line of at most 250 characters')
  }
  if (message.id !== undefined && !/^[A-Za-z0-9-]{1,64}$/.test(message.id)) throw new MailRefused('the id is malformed')
  if (message.unsubscribeUrl !== undefined && !/^https?:\/\/[!-;=?-~]{1,900}$/.test(message.unsubscribeUrl)) {
    throw new MailRefused('the address to unsubscribe at is malformed')
  }
  if (message.text.length > longestBody || (message.html?.length ?? 0) > longestBody) {
    throw new MailRefused(`the body must be at most ${longestBody} characters long`)
  }
}

export function isMailMessage(value: unknown): value is MailMessage {
  if (typeof value !== 'object' || value === null) return false
  const field = (name: string): unknown => Reflect.get(value, name)
  return (
    ['to', 'subject', 'text'].every((name) => typeof field(name) === 'string') &&
    ['html', 'id', 'unsubscribeUrl'].every((name) => field(name) === undefined || typeof field(name) === 'string')
  )
}
