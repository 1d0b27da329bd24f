import { createServer } from 'node:http'
import { createClient } from '@owlery/client'
import { median, row } from './figures.ts'

const rounds = 9
const calls = 2000

/** (d) What a call through the client costs over the same call by hand, against a server that does nothing. */
export async function clientCost(): Promise<void> {
  const body = JSON.stringify([])
  const server = createServer((_request, response) => {
    response.writeHead(200, { 'content-type': 'application/json', 'x-request-id': 'bench-0001' }).end(body)
  }).listen(0, '127.0.0.1')
  await new Promise((resolve) => server.once('listening', resolve))
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('no port')
  const baseUrl = `http://127.0.0.1:${address.port}`
  const token = `obs_${'a'.repeat(43)}`
  const client = createClient({ baseUrl, token })
  const byHand = async () => {
    const response = await fetch(`${baseUrl}/api/v1/me/tokens`, { headers: { authorization: `Bearer ${token}` } })
    if (!response.ok) throw new Error(String(response.status))
    return response.json()
  }
  const byClient = () => client.platform.tokens.list()
  await time(byHand)
  await time(byClient)
  const ratios: number[] = []
  for (let round = 0; round < rounds; round++) {
    const floor = await time(byHand)
    ratios.push((await time(byClient)) / floor)
  }
  server.close()
  row('client call', `${median(ratios).toFixed(2)} × fetch`, `${rounds} rounds of ${calls} calls, one after the other`)
}

async function time(call: () => PromiseLike<unknown>): Promise<number> {
  const before = performance.now()
  for (let index = 0; index < calls; index++) await call()
  return performance.now() - before
}
