import { createServer } from 'node:http'

/** Answers every request on every address of loopback, after as many milliseconds as it is told to. */
const delayMs = Number(process.argv[2] ?? 0)
const server = createServer((_request, response) => {
  if (delayMs === 0) response.end('ok')
  else setTimeout(() => response.end('ok'), delayMs)
})
server.listen(0, '0.0.0.0', 4096, () => {
  const address = server.address()
  if (address !== null && typeof address === 'object') console.log(`port ${address.port}`)
})
