import { timeLimit } from '../../outbound/time-limit.ts'
import { alive, type Checker } from './check.ts'
import { dial, locate } from './dial.ts'

/** tcp and port: up as soon as the connection is made. */
export const checkTcp: Checker = async (monitor, _secrets, deps) => {
  const limit = timeLimit(monitor.timeoutMs)
  const located = await locate(deps, monitor, limit)
  if (!located.ok) return located.result
  const start = performance.now()
  const dialled = await dial(located.place, limit)
  if (!dialled.ok) return dialled.result
  dialled.socket.destroy()
  return alive(monitor, { responseTimeMs: Math.round(performance.now() - start) })
}
