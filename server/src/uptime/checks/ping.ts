import { spawn } from 'node:child_process'
import { isOurOwn } from '../../outbound/own-failures.ts'
import { parseHostAndPort } from '../../outbound/target.ts'
import { type TimeLimit, timeLimit } from '../../outbound/time-limit.ts'
import { alive, type CheckedMonitor, type Checker, type CheckResult, dead, failedHere } from './check.ts'
import { dial, locate, type Place } from './dial.ts'

// What a ping without ICMP knocks at; a refusal proves as well as a welcome that somebody is there.
const probedPort = 443
const mostOutput = 4096

/**
 * ICMP needs a privilege that Node does not have but the system's own `ping` does. Where there is none, or it may not,
 * a TCP connection has to do, and the result says so.
 */
export const checkPing: Checker = async (monitor, _secrets, deps) => {
  const host = parseHostAndPort(monitor.url)?.host ?? ''
  const limit = timeLimit(monitor.timeoutMs)
  const located = await locate(deps, { url: host.includes(':') ? `[${host}]` : host, port: probedPort }, limit)
  if (!located.ok) return located.result
  const [address = ''] = located.place.addresses
  const echo = await ping(deps.pingCommand ?? 'ping', address, limit.leftMs())
  switch (echo.kind) {
    case 'answered':
      return alive(monitor, { responseTimeMs: Math.round(echo.milliseconds) })
    case 'silent':
      return dead('no answer to the ping')
    case 'unavailable':
      return probeTcp(monitor, located.place, limit)
    case 'failed_here':
      return failedHere(echo.code)
  }
}

type Echo =
  | { readonly kind: 'answered'; readonly milliseconds: number }
  | { readonly kind: 'failed_here'; readonly code: string }
  | { readonly kind: 'silent' | 'unavailable' }

/** `address` comes from the guard and is an address, never a name: nothing that the program could take for an option. */
function ping(command: string, address: string, timeoutMs: number): Promise<Echo> {
  const { promise, resolve } = Promise.withResolvers<Echo>()
  const seconds = String(Math.max(1, Math.ceil(timeoutMs / 1000)))
  const start = performance.now()
  const child = spawn(command, ['-n', '-c', '1', '-w', seconds, address], {
    stdio: ['ignore', 'pipe', 'ignore'],
    shell: false,
    timeout: timeoutMs + 1000,
    env: { PATH: process.env.PATH, LC_ALL: 'C' },
  })
  let output = ''
  // First of all: without a descriptor left there is no output to listen to, and an error nobody hears ends the process.
  child.once('error', (error) => {
    const code = 'code' in error ? error.code : undefined
    resolve(isOurOwn(code) ? { kind: 'failed_here', code } : { kind: 'unavailable' })
  })
  child.stdout?.on('data', (chunk: Buffer) => {
    if (output.length < mostOutput) output += chunk.toString('latin1')
  })
  child.once('close', (code) => {
    const milliseconds = Number(/time[=<]([\d.]+) ?ms/.exec(output)?.[1] ?? Number.NaN)
    if (code === 0) {
      resolve({ kind: 'answered', milliseconds: Number.isNaN(milliseconds) ? performance.now() - start : milliseconds })
    } else resolve({ kind: code === 1 || code === null ? 'silent' : 'unavailable' })
  })
  return promise
}

async function probeTcp(monitor: CheckedMonitor, place: Place, limit: TimeLimit): Promise<CheckResult> {
  const start = performance.now()
  const dialled = await dial(place, limit)
  const measured = { responseTimeMs: Math.round(performance.now() - start) }
  if (dialled.ok) dialled.socket.destroy()
  const isThere = dialled.ok || (dialled.result.kind === 'result' && dialled.result.errorMessage === refused)
  if (isThere) {
    const finding = alive(monitor, measured)
    return {
      ...finding,
      errorMessage: finding.errorMessage ?? `answered on TCP port ${place.port}: there is no ICMP here`,
    }
  }
  if (dialled.result.kind === 'probe_error') return dialled.result
  return dead(`no answer on TCP port ${place.port}: there is no ICMP here`)
}

const refused = 'the connection was refused'
