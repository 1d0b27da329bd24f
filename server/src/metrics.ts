import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client'
import type { Database } from './db/connect.ts'
import { type CheckMetrics, createCheckMetrics } from './metrics-checks.ts'
import { registerQueueMetrics } from './metrics-queues.ts'

export type Metrics = {
  observe(operation: string, status: number, code: string | undefined, seconds: number): void
  text(): Promise<string>
  readonly contentType: string
  readonly checks: CheckMetrics
}

export function createMetrics(database: Database): Metrics {
  const registry = new Registry()
  // Event-loop lag, memory, CPU and garbage collection come from here.
  collectDefaultMetrics({ register: registry })
  const registers = [registry]
  const requests = new Counter({
    name: 'owlery_http_requests_total',
    help: 'Requests by operation, status and error code.',
    labelNames: ['operation', 'status', 'code'],
    registers,
  })
  const duration = new Histogram({
    name: 'owlery_http_request_duration_seconds',
    help: 'Time from the first byte read to the response handed over.',
    labelNames: ['operation'],
    buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
    registers,
  })
  new Gauge({
    name: 'owlery_database_connections',
    help: 'Connections of the pool by state.',
    labelNames: ['state'],
    registers,
    collect() {
      const { total, idle, waiting } = database.pool()
      this.set({ state: 'total' }, total)
      this.set({ state: 'idle' }, idle)
      this.set({ state: 'waiting' }, waiting)
    },
  })
  registerQueueMetrics(database, registers)
  return {
    checks: createCheckMetrics(registers),
    observe: (operation, status, code, seconds) => {
      requests.inc({ operation, status, code: code ?? '' })
      duration.observe({ operation }, seconds)
    },
    text: () => registry.metrics(),
    contentType: registry.contentType,
  }
}
