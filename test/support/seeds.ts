import { insertSubscription } from '@owlery/server/uptime/webhook-subscriptions.store.ts'
import { createPerson, createToken, type Person } from './actors.ts'
import type { DocumentedOperation, Json } from './document.ts'
import { nextHour, openIncident } from './incidents.ts'
import { website } from './monitors.ts'
import { sampleBody } from './requests.ts'
import type { Service } from './service.ts'
import { createPage, freshSlug, pageOf, subscriber } from './status-pages.ts'

/** The ids of one thing that exists, and of one that never did. */
type Seeded = { readonly existing: string; readonly missing: string }
/** `parents` are the ids that stand before it in the path. */
type Seed = (service: Service, person: Person, parents: readonly string[]) => Promise<Seeded>

const largestInteger = '2147483647'

/**
 * Makes what a path parameter names, for a person's organization. By the path up to the parameter: a new resource gets
 * a line here, or the tests of who may see what fail.
 */
const seeds: Readonly<Record<string, Seed>> = {
  '/api/v1/me/tokens/{id}': async (service, person) => {
    const { id } = await createToken(service, person)
    return { existing: String(id), missing: largestInteger }
  },
  '/api/v1/me/members/{userId}': async (service, { organizationId }) => {
    const { userId } = await createPerson(service, organizationId, 'member')
    return { existing: String(userId), missing: largestInteger }
  },
  '/api/v1/monitors/{id}': async (service, { organizationId }) => {
    const owner = await createPerson(service, organizationId, 'owner')
    // The one type that everything can be done with.
    const heartbeat = website({ type: 'heartbeat', url: 'nightly backup' })
    const { id } = await service.client(owner.session).uptime.monitors.create(heartbeat)
    return { existing: String(id), missing: largestInteger }
  },
  '/api/v1/webhook-subscriptions/{id}': async (service, { organizationId }) => {
    // Not by way of the API, which ends at a hundred of them.
    const { db } = service.services.database
    const now = service.clock.now()
    const made = { organizationId, url: 'https://1.1.1.1/events', eventTypes: [], description: null, now }
    const id = await insertSubscription(db, made, Number.POSITIVE_INFINITY)
    return { existing: String(id), missing: largestInteger }
  },
  '/api/v1/incidents/{id}': async (service, { organizationId }) => {
    const id = await openIncident(service, organizationId)
    return { existing: String(id), missing: largestInteger }
  },
  '/api/v1/maintenance-windows/{id}': async (service, { organizationId }) => {
    const owner = await createPerson(service, organizationId, 'owner')
    const { id } = await service.client(owner.session).uptime.maintenanceWindows.create(nextHour(service))
    return { existing: String(id), missing: largestInteger }
  },
  '/api/v1/status-pages/{id}': async (service, { organizationId }) => {
    const { id } = await createPage(service, organizationId)
    return { existing: String(id), missing: largestInteger }
  },
  '/api/v1/status-pages/{id}/components/{cid}': async (service, { organizationId }, [pageId]) => {
    const { components } = await pageOf(service, organizationId, Number(pageId))
    return { existing: String(components[0]?.id), missing: largestInteger }
  },
  '/api/v1/status-pages/{id}/subscribers/{sid}': async (service, _, [pageId]) => {
    const { id } = await subscriber(service, Number(pageId))
    return { existing: String(id), missing: largestInteger }
  },
}

type SeededBody = (service: Service, person: Person) => Promise<Json>

/** Bodies whose ids have to exist, by operation; the example in the document names some that do not. */
const bodies: Readonly<Record<string, SeededBody>> = {
  // The host of the example has no address.
  'uptime.webhookSubscriptions.create': async () => ({ url: 'https://1.1.1.1/events', eventTypes: [] }),
  'uptime.monitors.bulkUpdate': async (service, person) => ({
    ids: await seedMonitors(service, person),
    patch: { paused: true },
  }),
  'uptime.statusPages.create': async () => ({ slug: freshSlug(), title: 'Acme' }),
  'uptime.statusPages.createComponent': async (service, person) => {
    const [monitorId = 0] = await seedMonitors(service, person)
    return { monitorId }
  },
  'uptime.monitors.bulkDelete': async (service, person) => ({ ids: await seedMonitors(service, person) }),
}

async function seedMonitors(service: Service, { organizationId }: Person): Promise<number[]> {
  const owner = await createPerson(service, organizationId, 'owner')
  const { monitors } = await service
    .client(owner.session)
    .uptime.monitors.bulkCreate({ monitors: [website(), website()] })
  return monitors.map(({ id }) => id)
}

/** A body that the operation can work with as things are. */
export async function seededBody(
  service: Service,
  person: Person,
  operation: DocumentedOperation,
): Promise<Json | undefined> {
  return bodies[operation.id]?.(service, person) ?? sampleBody(operation)
}

export type SeededPath = { readonly existing: string; readonly missing: string }

/** The operation's path with ids that exist for the person, and the same with a last id that does not exist. */
export async function seededPath(
  service: Service,
  person: Person,
  operation: DocumentedOperation,
): Promise<SeededPath> {
  const parents: string[] = []
  let template = ''
  let path: SeededPath = { existing: '', missing: '' }
  for (const part of operation.path.split('/').slice(1)) {
    template += `/${part}`
    if (!part.startsWith('{')) {
      path = { existing: `${path.existing}/${part}`, missing: `${path.missing}/${part}` }
      continue
    }
    const seed = seeds[template]
    if (seed === undefined) throw new Error(`test/support/seeds.ts cannot make ${template} for ${operation.id}`)
    const { existing, missing } = await seed(service, person, parents)
    path = { existing: `${path.existing}/${existing}`, missing: `${path.existing}/${missing}` }
    parents.push(existing)
  }
  return path
}
