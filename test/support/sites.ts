import { afterAll } from 'vitest'
import { startHttpSink } from './sinks-http.ts'

/** Sites to watch that are up, but for the paths in `down`; they end with the tests of the file. */
export async function startSites() {
  const down = new Set<string>()
  const sink = await startHttpSink((request, response) => {
    response.writeHead(down.has(request.url ?? '') ? 500 : 200).end()
  })
  afterAll(() => sink[Symbol.asyncDispose]())
  const site = (path: string, more = {}) => ({
    url: `${sink.url}${path}`,
    type: 'http' as const,
    intervalSec: 60 as const,
    timeoutMs: 1000,
    ...more,
  })
  return { down, site }
}
