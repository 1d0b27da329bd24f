import { alertServices } from '@owlery/server/uptime/channels/alert.ts'

/** Loaded before the service: incidents go to a sink of ours instead of the one place where PagerDuty answers. */
Reflect.set(alertServices, 'pagerduty', process.env.PAGERDUTY_SINK)
