import { badges } from './badges.ts'
import { checkHistory } from './check-history.ts'
import { heartbeats } from './heartbeats.ts'
import { incidents } from './incidents.ts'
import { maintenanceWindows } from './maintenance-windows.ts'
import { monitors } from './monitors.ts'
import { publicStatusPages } from './public-status-pages.ts'
import { regions } from './regions.ts'
import { statusPages } from './status-pages.ts'
import { webhookSubscriptions } from './webhook-subscriptions.ts'

export const uptime = {
  monitors,
  checkHistory,
  incidents,
  maintenanceWindows,
  heartbeats,
  regions,
  badges,
  webhookSubscriptions,
  statusPages,
  publicStatusPages,
}

export const uptimeTags = {
  monitors: { name: 'Monitors', description: 'What is checked, how often, and who is told.' },
  incidents: {
    name: 'Incidents',
    description: 'When monitors were not as they should be, and what was said and done.',
  },
  maintenanceWindows: {
    name: 'Maintenance windows',
    description: 'Times in which nobody is alerted and which do not count against the uptime.',
  },
  checkHistory: { name: 'Check history', description: 'What the checks of a monitor found, one by one and summed up.' },
  heartbeats: { name: 'Heartbeats', description: 'Where jobs tell that they have run.' },
  regions: { name: 'Regions', description: 'The agents that check monitors from elsewhere.' },
  badges: { name: 'Badges', description: 'The state of a monitor as an image.' },
  webhookSubscriptions: { name: 'Webhook subscriptions', description: 'Who is told of events, and what became of it.' },
  statusPages: { name: 'Status pages', description: 'What visitors are shown, and who gets mail about it.' },
  publicStatusPages: { name: 'Public status pages', description: 'What visitors see, without a credential.' },
} satisfies Record<keyof typeof uptime, { name: string; description: string }>
