import { setTimeout } from 'node:timers/promises'
import { jobHandlers } from '../compose.ts'
import type { Services } from '../services.ts'
import { checkRetentionCron } from '../uptime/retention.ts'
import { sweepCron } from './sweep.ts'

const shortestWaitMs = 500
const longestWaitMs = 15_000

/**
 * Starts the background work of this process. A database that is away or restarting at this very moment must not leave
 * a worker without work for the rest of its life, so it is tried until it works or the process stops.
 */
export async function startJobs(services: Services, stopping: AbortSignal): Promise<void> {
  let isQueueStarted = false
  for (let wait = shortestWaitMs; !stopping.aborted; wait = Math.min(wait * 2, longestWaitMs)) {
    try {
      if (!isQueueStarted) await startQueue(services)
      isQueueStarted = true
      if (services.config.role !== 'api') await startWork(services)
      return
    } catch (err) {
      services.log.warn({ err, tryAgainMs: wait }, 'the background work could not start')
    }
    await setTimeout(wait, undefined, { signal: stopping }).catch(() => undefined)
  }
}

async function startQueue(services: Services): Promise<void> {
  await services.queue.start(services.config.role === 'api' ? undefined : jobHandlers(services))
}

async function startWork({ queue, engine }: Services): Promise<void> {
  await queue.schedule('sweep', sweepCron)
  await queue.schedule('check-retention', checkRetentionCron)
  await queue.send('check-retention', null)
  // What is found has to be told, so checks begin when the queue can carry it.
  engine.start()
}
