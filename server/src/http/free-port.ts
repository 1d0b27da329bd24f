import { createServer } from 'node:net'
import type { Config } from '../config.ts'

/** With PORT=0 links would name port 0, so the free one is found before anything is built that makes links. */
export async function withRealPort(config: Config): Promise<Config> {
  if (config.port !== 0) return config
  const port = await freePort(config.host)
  const publicUrl = new URL(config.publicUrl)
  // Only the default follows the port; an origin that the operator has given stays.
  if (publicUrl.port === '0') publicUrl.port = String(port)
  return { ...config, port, publicUrl: publicUrl.origin }
}

async function freePort(host: string): Promise<number> {
  const probe = createServer()
  await new Promise<void>((resolve, reject) => {
    probe.once('error', reject)
    probe.listen(0, host, resolve)
  })
  const address = probe.address()
  await new Promise((resolve) => probe.close(resolve))
  // Listening on a host and a port has always an address of both.
  if (address === null || typeof address === 'string') throw new Error(`there is no free port on ${host}`)
  return address.port
}
