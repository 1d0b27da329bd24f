import { createServer, type Socket } from 'node:net'

export type MailSink = AsyncDisposable & { readonly port: number }

/** Takes mail by SMTP. A mail that `take` does not want is refused for now (RFC 5321 §4.2.1). */
export async function startMailSink(take: (mail: string) => boolean): Promise<MailSink> {
  const sockets = new Set<Socket>()
  const server = createServer((socket) => {
    sockets.add(socket)
    // Whoever is killed while he speaks does not say goodbye.
    socket.on('error', () => socket.destroy())
    socket.on('close', () => sockets.delete(socket))
    let held = ''
    let isMail = false
    socket.write('220 sink\r\n')
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
          socket.write(take(text) ? '250 taken\r\n' : '451 not now\r\n')
        } else if (text === 'QUIT') {
          socket.end('221 bye\r\n')
        } else {
          isMail = text === 'DATA'
          socket.write(isMail ? '354 go on\r\n' : '250 ok\r\n')
        }
      }
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('the mail sink has no port')
  return {
    port: address.port,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
