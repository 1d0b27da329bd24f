import { connect } from '@owlery/server/db/connect.ts'
import { createMetrics } from '@owlery/server/metrics.ts'
import { expect, test } from 'vitest'
import { dueMonitor, newOwner, nextRound } from '../support/engine.ts'
import { freshService } from '../support/service.ts'
import { startHttpSink } from '../support/sinks-http.ts'

const service = await freshService({ env: { OUTBOUND_ALLOW: '127.0.0.0/8' } })
await service.services.queue.start()
const owner = await newOwner(service)
const { engine, metrics, database } = service.services

/** Every sample by what stands before its value: `name{label="…"}`. */
async function readSamples(text: Promise<string>): Promise<Map<string, number>> {
  const lines = (await text).split('\n').filter((line) => line !== '' && !line.startsWith('#'))
  return new Map(lines.map((line) => [line.slice(0, line.lastIndexOf(' ')), Number(line.slice(line.lastIndexOf(' ')))]))
}

/** How far each sample went up since the one before; of those that did. */
async function grown(before: ReadonlyMap<string, number>): Promise<Map<string, number>> {
  const after = await readSamples(metrics.text())
  return new Map([...after].map(([name, value]) => [name, value - (before.get(name) ?? 0)]))
}

test('checks are counted by type and outcome, with how late they began and how they were written', async () => {
  let status = 503
  await using sink = await startHttpSink((_request, response) => void response.writeHead(status).end())
  const before = await readSamples(metrics.text())
  for (let index = 0; index < 2; index++) await dueMonitor(service, owner, { url: sink.url, type: 'http' })
  service.clock.advance(3000)
  expect(await engine.runDue()).toBe(2)
  const failed = await grown(before)
  expect(failed.get('owlery_check_claims_total')).toBe(2)
  expect(failed.get('owlery_checks_total{type="http",outcome="down"}')).toBe(2)
  expect(failed.get('owlery_check_lateness_seconds_count')).toBe(2)
  expect(failed.get('owlery_check_lateness_seconds_bucket{le="2"}')).toBe(0)
  expect(failed.get('owlery_check_lateness_seconds_bucket{le="5"}')).toBe(2)
  expect(failed.get('owlery_check_batch_results_sum')).toBe(2)
  expect(failed.get('owlery_check_batch_duration_seconds_count')).toBe(failed.get('owlery_check_batch_results_count'))
  expect(failed.get('owlery_incidents_total{change="opened",cause="check"}')).toBe(2)

  status = 200
  expect(await nextRound(service, 300)).toBe(2)
  const recovered = await grown(before)
  expect(recovered.get('owlery_checks_total{type="http",outcome="up"}')).toBe(2)
  expect(recovered.get('owlery_incidents_total{change="opened",cause="check"}')).toBe(2)
  expect(recovered.get('owlery_incidents_total{change="resolved",cause="check"}')).toBe(2)
})

test('a check that could not be made here is no outcome of its target, and is put off', async () => {
  const id = await dueMonitor(service, owner, { url: 'http://127.0.0.1:9/', type: 'http' })
  const sealed_headers = 'not an envelope of ours'
  await database.db.updateTable('monitors').set({ sealed_headers }).where('id', '=', id).execute()
  const before = await readSamples(metrics.text())
  expect(await engine.runDue()).toBe(0)
  const since = await grown(before)
  expect(since.get('owlery_checks_total{type="http",outcome="probe_error"}')).toBe(1)
  expect(since.get('owlery_checks_put_off_total{reason="probe_error"}')).toBe(1)
  expect(since.get('owlery_checks_total{type="http",outcome="down"}')).toBe(0)
})

test('what waits in the database is told by every process that reaches it, and by none that does not', async () => {
  await database.executeSql(`UPDATE jobs.queue SET queued_count = 7, active_count = 2 WHERE name = 'alert.send'`)
  const samples = await readSamples(metrics.text())
  expect(samples.get('owlery_jobs_waiting{job="alert.send"}')).toBe(9)
  expect(samples.get('owlery_jobs_waiting{job="mail.send"}')).toBe(0)
  expect(samples.get('owlery_webhook_deliveries_waiting')).toBe(0)

  const absent = await connect({ kind: 'postgres', url: 'postgres://nobody@127.0.0.1:9/nothing', poolSize: 1 })
  try {
    const cutOff = await readSamples(createMetrics(absent).text())
    expect([...cutOff.keys()].filter((name) => /^owlery_.*_waiting/.test(name))).toEqual([])
    expect(cutOff.get('owlery_check_claims_total')).toBe(0)
  } finally {
    await absent.close()
  }
})
