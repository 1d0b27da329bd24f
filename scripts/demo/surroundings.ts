import { type Client, verifyWebhook } from '@owlery/client'
import { idOf, type Made, names } from './monitors.ts'
import type { ReceivedEvent, Targets } from './targets.ts'

const maintenanceTitle = 'Reports move to a new database'
const webhookDescription = 'The demo'
const hourMs = 3_600_000

/** Somebody is at the reports, which is why nobody is alerted although they fail. */
export async function prepareMaintenance({ uptime }: Client, made: Made): Promise<void> {
  for await (const { title, status } of uptime.maintenanceWindows.list()) {
    if (title === maintenanceTitle && status === 'active') return
  }
  const now = Date.now()
  await uptime.maintenanceWindows.create({
    title: maintenanceTitle,
    monitorIds: [idOf(made, names.reports)],
    startsAt: new Date(now - 60_000).toISOString(),
    endsAt: new Date(now + 2 * hourMs).toISOString(),
  })
}

const slug = 'owlery-demo'

/** What customers see; the internal monitors are not on it. Answers its name in the address. */
export async function prepareStatusPage({ uptime }: Client, made: Made): Promise<string> {
  const component = (name: string, group: string) => ({ monitorId: idOf(made, name), group })
  const components = [
    component('Shop', 'Shopping'),
    component('Search', 'Shopping'),
    component(names.checkout, 'Shopping'),
    component('Login', 'Accounts'),
    component('Product API', 'For developers'),
    component('Blog', 'For developers'),
    component(names.reports, 'For developers'),
  ]
  for await (const page of uptime.statusPages.list()) {
    if (page.slug !== slug) continue
    await uptime.statusPages.update(page.id, { components })
    return slug
  }
  const description = 'How our shop and everything around it is doing.'
  await uptime.statusPages.create({ slug, title: 'Owl & Feather', description, accentColor: '#1a7f37', components })
  return slug
}

/** Has the service tell this process of everything that happens. */
export async function prepareWebhook({ uptime }: Client, { hooksUrl }: Targets): Promise<void> {
  for await (const { id, description } of uptime.webhookSubscriptions.list()) {
    if (description !== webhookDescription) continue
    // While no demo ran, deliveries failed, which may have disabled it.
    await uptime.webhookSubscriptions.update(id, { url: hooksUrl, enabled: true })
    return
  }
  await uptime.webhookSubscriptions.create({ url: hooksUrl, eventTypes: [], description: webhookDescription })
}

/** What a receiver has to do: hold the signature against the secret, then read. */
export async function describeEvent({ body, headers }: ReceivedEvent, secret: string): Promise<string> {
  const signature = headers['x-24observe-signature']
  if (typeof signature !== 'string' || !(await verifyWebhook({ payload: body, signature, secret }))) {
    return 'an event with a wrong signature'
  }
  const event: unknown = JSON.parse(body)
  const type = field(event, 'type')
  const data: unknown = typeof event === 'object' && event !== null ? Reflect.get(event, 'data') : undefined
  return `${type} ${field(data, 'monitor_name')} ${field(data, 'status')}`.trim()
}

function field(value: unknown, name: string): string {
  const found: unknown = typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined
  return typeof found === 'string' ? found : ''
}
