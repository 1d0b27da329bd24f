import { connect, type Socket } from 'node:net'

export type LoadResult = {
  readonly perSecond: number
  readonly p50: number
  readonly p99: number
  readonly errors: number
}

type Request = {
  readonly method: string
  readonly path: string
  readonly headers?: Record<string, string>
  readonly body?: string
}

type Load = {
  readonly port: number
  readonly connections: number
  readonly seconds: number
  /** Called for every request, so that keys and names can differ. */
  readonly request: (index: number) => Request
}

/**
 * Keeps each connection busy with one request at a time and counts. It speaks just enough HTTP/1.1 that the generator
 * costs far less than the server it measures.
 */
export async function generateLoad({ port, connections, seconds, request }: Load): Promise<LoadResult> {
  const times: number[] = []
  let errors = 0
  let index = 0
  const started = performance.now()
  const until = started + seconds * 1000
  const one = async () => {
    const socket = connect({ port, host: '127.0.0.1', noDelay: true })
    await new Promise<void>((resolve, reject) => socket.once('connect', resolve).once('error', reject))
    const read = reader(socket)
    while (performance.now() < until) {
      const before = performance.now()
      socket.write(render(request(index++)))
      const status = await read()
      times.push(performance.now() - before)
      if (status >= 400) errors++
    }
    socket.destroy()
  }
  await Promise.all(Array.from({ length: connections }, one))
  const elapsed = (performance.now() - started) / 1000
  times.sort((a, b) => a - b)
  const at = (share: number) => times[Math.min(times.length - 1, Math.floor(times.length * share))] ?? 0
  return { perSecond: times.length / elapsed, p50: at(0.5), p99: at(0.99), errors }
}

function render({ method, path, headers = {}, body }: Request): string {
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`)
  const length = body === undefined ? '' : `content-length: ${Buffer.byteLength(body)}\r\n`
  return `${method} ${path} HTTP/1.1\r\nhost: 127.0.0.1\r\n${lines.join('')}${length}\r\n${body ?? ''}`
}

/** Resolves with the status of the next whole response. */
function reader(socket: Socket): () => Promise<number> {
  let buffered = ''
  let settle: { resolve: (status: number) => void; reject: (error: Error) => void } | undefined
  const look = () => {
    const status = takeResponse()
    if (status === undefined) return
    settle?.resolve(status)
    settle = undefined
  }
  const takeResponse = (): number | undefined => {
    const end = buffered.indexOf('\r\n\r\n')
    if (end < 0) return undefined
    const head = buffered.slice(0, end)
    const status = Number(head.slice(9, 12))
    const length = /content-length: (\d+)/i.exec(head)?.[1]
    if (length !== undefined || status === 204) {
      const total = end + 4 + Number(length ?? 0)
      if (buffered.length < total) return undefined
      buffered = buffered.slice(total)
      return status
    }
    const last = buffered.indexOf('0\r\n\r\n', end)
    if (last < 0) return undefined
    buffered = buffered.slice(last + 5)
    return status
  }
  // latin1 keeps one character per byte, so that lengths agree.
  socket.setEncoding('latin1')
  socket.on('data', (chunk) => {
    buffered += chunk
    look()
  })
  socket.on('error', (error) => settle?.reject(error))
  socket.on('close', () => settle?.reject(new Error('the server closed the connection')))
  return () =>
    new Promise<number>((resolve, reject) => {
      settle = { resolve, reject }
    })
}
