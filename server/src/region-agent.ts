import { type RegionAgentConfig, readRegionAgentConfig } from './config/region-agent.ts'
import { createLog } from './log.ts'
import { createOutbound } from './outbound/client.ts'
import { createGuard } from './outbound/guard.ts'
import { createRegionCalls } from './region-agent.calls.ts'
import { createRegionAgent } from './region-agent.work.ts'
import { watchNameServers } from './uptime/checks/name-servers.ts'

const shutdownMs = 10_000

/** `--role region`: no database, no port; the process ends with its agent. */
export async function runRegionAgent(env: NodeJS.ProcessEnv, argv: readonly string[]): Promise<void> {
  const outcome = readRegionAgentConfig(env, argv)
  if (!outcome.ok) {
    for (const fault of outcome.faults) console.error(fault)
    process.exitCode = 1
    return
  }
  await run(outcome.config)
}

async function run(config: RegionAgentConfig): Promise<void> {
  const form = config.environment === 'production' || !process.stdout.isTTY ? 'json' : 'readable'
  const { log, flush } = createLog({ level: config.logLevel, form })
  const guard = createGuard({ allow: config.outboundAllow })
  const checks = { guard, outbound: createOutbound({ guard }), nameServers: watchNameServers() }
  const agent = createRegionAgent({ config, calls: createRegionCalls(config), checks, log })
  let stopped: Promise<void> | undefined
  const stop = (signal: string) => {
    if (stopped !== undefined) return
    log.info({ signal }, 'stopping')
    setTimeout(() => process.exit(1), shutdownMs).unref()
    stopped = agent.stop(shutdownMs / 2)
  }
  process.on('SIGTERM', stop)
  process.on('SIGINT', stop)
  const refusal = await agent.run()
  await stopped
  if (refusal !== undefined) console.error(refusal)
  else log.info('stopped')
  flush()
  process.exit(refusal === undefined ? 0 : 1)
}
