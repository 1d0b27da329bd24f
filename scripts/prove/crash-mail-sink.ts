import { createServer, type Socket } from 'node:net'
import { receiveMail } from '../lib/smtp-receiver.ts'

export type MailSink = AsyncDisposable & { readonly port: number }

/** Takes mail by SMTP. A mail that `take` does not want is refused for now (RFC 5321 §4.2.1). */
export async function startMailSink(take: (mail: string) => boolean): Promise<MailSink> {
  const sockets = new Set<Socket>()
  const server = createServer((socket) => {
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket))
    receiveMail(socket, { toMail: (mail) => (take(mail) ? undefined : '451 not now') })
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
