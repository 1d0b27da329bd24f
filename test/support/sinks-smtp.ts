import { type Sink, startSink } from './sinks.ts'

export type MailSink = Sink & { readonly mails: readonly string[] }

/** Takes mail by SMTP (RFC 5321); `answer` may refuse a command, or say nothing at all to it. */
export async function startMailSink(answer: (command: string) => string | undefined): Promise<MailSink> {
  const mails: string[] = []
  const sink = await startSink((socket) => {
    let held = ''
    let isData = false
    socket.write('220 sink ready\r\n')
    socket.on('data', (chunk) => {
      held += chunk.toString()
      for (;;) {
        const ending = isData ? '\r\n.\r\n' : '\r\n'
        const end = held.indexOf(ending)
        if (end < 0) return
        const text = held.slice(0, end)
        held = held.slice(end + ending.length)
        if (isData) {
          mails.push(text)
          isData = false
          socket.write('250 taken\r\n')
          continue
        }
        const refusal = answer(text)
        isData = text === 'DATA' && refusal === undefined
        if (refusal !== '') socket.write(`${refusal ?? (isData ? '354 go on' : '250 ok')}\r\n`)
      }
    })
  })
  return Object.assign(sink, { mails })
}
