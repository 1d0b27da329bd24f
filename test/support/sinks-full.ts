import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { Worker } from 'node:worker_threads'

// Listens and then never takes a connection, because its thread waits for something else.
const program = `
const { parentPort } = require('node:worker_threads')
const server = require('node:net').createServer()
server.listen({ port: 0, host: '127.0.0.1', backlog: 1 }, () => {
  parentPort.postMessage(server.address().port)
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0)
})`

/**
 * A port that answers no attempt to connect, as behind a firewall that drops packets: the line of those who wait to be
 * taken is full, and the system drops whoever comes after them.
 */
export async function startFullSink(): Promise<AsyncDisposable & { readonly port: number }> {
  const worker = new Worker(program, { eval: true })
  const [port]: unknown[] = await once(worker, 'message')
  if (typeof port !== 'number') throw new Error('the sink listens on no port')
  const waiting: Socket[] = []
  // The system lets one more into the line than was asked for.
  for (let place = 0; place < 2; place++) {
    const socket = connect(port, '127.0.0.1')
    waiting.push(socket)
    await once(socket, 'connect')
  }
  return {
    port,
    async [Symbol.asyncDispose]() {
      for (const socket of waiting) socket.destroy()
      await worker.terminate()
    },
  }
}
