import type { Jobs } from '@owlery/server/jobs/jobs.ts'
import type { Service } from './service.ts'

const idle = {
  'alert.send': { deliveryId: 0 },
  'mail.send': { to: 'nobody@example.invalid', subject: 'wake', text: '' },
  'status-page.subscribe': { pageId: 0, email: 'nobody@example.invalid' },
  'uptime.event': {
    id: 'wake',
    type: 'incident.updated',
    organizationId: 0,
    monitorId: null,
    incidentId: null,
    at: '2026-01-01T00:00:00.000Z',
    data: {},
  },
} satisfies Partial<Jobs>

/**
 * A job that is sent outside of a transaction wakes its worker, who then finds what transactions have sent before. So a
 * test need not wait for the next poll; the job itself does nothing.
 */
export async function wake(service: Service, names: readonly (keyof typeof idle)[]): Promise<void> {
  for (const name of names) await service.services.queue.send(name, idle[name])
}
