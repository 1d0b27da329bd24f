import type { Services } from '../services.ts'
import { planWebhooks } from '../webhooks/plan.ts'
import { planAlerts } from './alerts.plan.ts'
import type { EventConsumer, UptimeEvent } from './events.ts'
import { planSubscriberMails } from './status-page-subscribers.ts'

/** Everybody who acts on events. Each is idempotent, so that a retry after one has failed repeats the others safely. */
const consumers: readonly EventConsumer[] = [planAlerts, planWebhooks, planSubscriberMails]

export async function consumeEvent(services: Services, event: UptimeEvent): Promise<void> {
  for (const consume of consumers) await consume(services, event)
}
