import { parseArgs } from 'node:util'
import { type Client, ConnectionError, createClient, isApiError } from '@owlery/client'
import { idOf, type Made, names, pauseMonitors, prepareMonitors } from './demo/monitors.ts'
import { handleIncidents, sendHeartbeats } from './demo/story.ts'
import { describeEvent, prepareMaintenance, prepareStatusPage, prepareWebhook } from './demo/surroundings.ts'
import { address, startTargets, type Targets } from './demo/targets.ts'

const usage = `npm run demo -- [--url http://localhost:8080] [--token obs_…] [--port 9470] [--soon]

Fills a running service with monitors of things that this process serves itself, and that fail now and then.
The address and the token may also come from OWLERY_URL and OWLERY_TOKEN. The service has to be allowed to call
this machine: start it with OUTBOUND_ALLOW=${address}. It takes the port given and the three after it, or any four
where it is 0. With --soon the first thing fails at once instead of in a minute.`

function say(line: string): void {
  console.log(`${new Date().toTimeString().slice(0, 8)}  ${line}`)
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      url: { type: 'string', default: process.env['OWLERY_URL'] ?? 'http://localhost:8080' },
      token: { type: 'string', default: process.env['OWLERY_TOKEN'] ?? '' },
      port: { type: 'string', default: '9470' },
      soon: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
    },
  })
  const port = Number(values.port)
  if (values.help || values.token === '' || !Number.isInteger(port) || port < 0 || port > 65_532) {
    console.log(values.token === '' && !values.help ? `A token is missing.\n\n${usage}` : usage)
    process.exitCode = values.help ? 0 : 1
    return
  }
  const client = createClient({ baseUrl: values.url, token: values.token })
  const { secret } = await client.platform.webhookSecret.get()
  const targets = await startTargets({ port, isSoon: values.soon }, (event) => {
    describeEvent(event, secret).then(
      (line) => say(`webhook: ${line}`),
      () => say('webhook: an event that cannot be read'),
    )
  })
  try {
    const made = await prepareMonitors(client, targets)
    await prepareMaintenance(client, made)
    await prepareWebhook(client, targets)
    const slug = await prepareStatusPage(client, made)
    showAround(values.url, made, slug, values.soon)
    await untilStopped(client, made, targets)
  } finally {
    targets.close()
  }
}

function showAround(url: string, made: Made, slug: string, isSoon: boolean): void {
  const checkout = idOf(made, names.checkout)
  const lines = [
    ['the API', `${url}/docs`],
    ['the status page', `${url}/status/${slug}`],
    ['all monitors', `${url}/api/v1/monitors?tag=demo`],
    [`${names.checkout}, check by check`, `${url}/api/v1/monitors/${checkout}/checks`],
    ['its figures', `${url}/api/v1/monitors/${checkout}/stats`],
    ['its last day', `${url}/api/v1/monitors/${checkout}/timeline`],
    ['incidents', `${url}/api/v1/incidents`],
    ['maintenance', `${url}/api/v1/maintenance-windows`],
    ['what webhooks were sent', `${url}/api/v1/webhook-subscriptions`],
  ]
  console.log(`${made.size} monitors are there. Worth a look; all but the first two with the same token:\n`)
  for (const [what = '', where = ''] of lines) console.log(`  ${what.padEnd(26)}${where}`)
  const fails = isSoon ? 'fails now' : 'fails in about a minute'
  console.log(`\n${names.checkout} ${fails}. Ctrl-C ends the demo and pauses its monitors.\n`)
}

async function untilStopped(client: Client, made: Made, targets: Targets): Promise<void> {
  const stop = new AbortController()
  process.once('SIGINT', () => stop.abort())
  process.once('SIGTERM', () => stop.abort())
  const stage = { client, signal: stop.signal, say }
  try {
    await Promise.all([
      handleIncidents(stage, idOf(made, names.checkout)),
      sendHeartbeats(stage, idOf(made, names.backup), targets),
    ])
  } catch (error) {
    if (!stop.signal.aborted) throw error
  } finally {
    stop.abort()
    await pauseMonitors(client, made)
    say('the monitors of the demo are paused')
  }
}

function explained(error: unknown): string {
  if (error instanceof ConnectionError) return 'Nothing answers there. Start the service with `npm start`.'
  if (isApiError(error, 'MONITOR_TARGET_UNSAFE') || isApiError(error, 'WEBHOOK_URL_UNSAFE')) {
    return `The service may not call ${address}. Start it with OUTBOUND_ALLOW=${address}, as in\n\n  OUTBOUND_ALLOW=${address} npm start\n`
  }
  if (isApiError(error, 'INVALID_TOKEN')) return 'The service does not know this token.'
  return error instanceof Error ? error.message : String(error)
}

main().catch((error: unknown) => {
  console.error(explained(error))
  process.exitCode = 1
})
