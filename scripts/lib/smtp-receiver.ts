import type { Socket } from 'node:net'

type Replies = {
  /** To a command, instead of the usual reply; an empty one is silence. */
  readonly toCommand?: (command: string) => string | undefined
  /** To a whole mail, instead of taking it. */
  readonly toMail: (mail: string) => string | undefined
}

/** The receiving side of SMTP (RFC 5321) on a connection: as much of it as a client needs that has mail to send. */
export function receiveMail(socket: Socket, { toCommand, toMail }: Replies): void {
  let held = ''
  let isMail = false
  // Whoever is killed while he speaks does not say goodbye.
  socket.on('error', () => socket.destroy())
  socket.write('220 sink ready\r\n')
  socket.on('data', (chunk) => {
    held += chunk.toString()
    for (;;) {
      const ending = isMail ? '\r\n.\r\n' : '\r\n'
      const end = held.indexOf(ending)
      if (end < 0) return
      const text = held.slice(0, end)
      held = held.slice(end + ending.length)
      if (isMail) {
        isMail = false
        socket.write(`${toMail(text) ?? '250 taken'}\r\n`)
        continue
      }
      const reply = toCommand?.(text)
      isMail = text === 'DATA' && reply === undefined
      if (reply === undefined && text === 'QUIT') socket.end('221 bye\r\n')
      else if (reply !== '') socket.write(`${reply ?? (isMail ? '354 go on' : '250 ok')}\r\n`)
    }
  })
}
