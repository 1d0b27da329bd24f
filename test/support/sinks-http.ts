import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'

export type HttpSink = AsyncDisposable & { readonly port: number; readonly url: string }

/** An HTTP server on this machine that answers whatever it is told to. */
export async function startHttpSink(
  answer: (request: IncomingMessage, response: ServerResponse) => void,
): Promise<HttpSink> {
  const server = createServer(answer)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('the sink listens on no port')
  return {
    port: address.port,
    url: `http://127.0.0.1:${address.port}`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
