import type { ErrorEntry } from '../errors.ts'

export const uptimeErrors = {
  PLAN_INTERVAL_TOO_LOW: {
    status: 400,
    message: 'The plan does not allow an interval this short',
    meaning: '`intervalSec` is one of the allowed values but below the floor of the organization’s plan.',
    remedy: 'Use at least `quota.minIntervalSec` of GET /api/v1/me, or change the plan.',
    retry: 'never',
  },
  MONITOR_TARGET_UNSAFE: {
    status: 400,
    message: 'This target must not be monitored from here',
    meaning: 'The target is, or resolves to, an address of a private, local or otherwise special network.',
    remedy: 'Use a public address, or let the operator allow the network with OUTBOUND_ALLOW.',
    retry: 'never',
  },
  ALERT_URL_BLOCKED: {
    status: 400,
    message: 'This alert URL must not be called from here',
    meaning:
      'The URL of an alert channel is, or resolves to, an address of a private, local or otherwise special network.',
    remedy: 'Use a public address, or let the operator allow the network with OUTBOUND_ALLOW.',
    retry: 'never',
  },
  ALERT_URL_INVALID: {
    status: 400,
    message: 'This alert URL is not a usable http(s) address',
    meaning: 'The URL of an alert channel cannot be read, or is neither http nor https.',
    remedy: 'Send a full URL such as https://hooks.example.com/path.',
    retry: 'never',
  },
  WEBHOOK_URL_UNSAFE: {
    status: 400,
    message: 'This webhook URL must not be called from here',
    meaning: 'The URL of an event subscription is, or resolves to, an address of a private, local or special network.',
    remedy: 'Use a public address, or let the operator allow the network with OUTBOUND_ALLOW.',
    retry: 'never',
  },
  WEBHOOK_URL_UNRESOLVABLE: {
    status: 400,
    message: 'This webhook URL leads nowhere',
    meaning: 'The URL has no host, is neither http nor https, or its host does not resolve.',
    remedy: 'Send a full URL whose host has an address.',
    retry: 'never',
  },
  REGION_KEY_INVALID: {
    status: 401,
    message: 'Invalid key of a region’s agent',
    meaning:
      'The key is unknown or was not used for an hour, or the credential that its agent began with has ended. Which, is not told.',
    remedy: 'Begin anew: `POST /api/v1/regions/agents` gives another key.',
    retry: 'never',
  },
  STATUS_PAGE_PASSWORD_REQUIRED: {
    status: 401,
    message: 'This status page needs a password',
    meaning: 'The page is protected and the request carries no valid unlock token.',
    remedy: 'Unlock it first and send the token as X-Status-Page-Token or as the cookie.',
    retry: 'never',
  },
  STATUS_PAGE_PASSWORD_INVALID: {
    status: 401,
    message: 'Wrong password',
    meaning: 'This is not the password of the status page.',
    remedy: 'Ask whoever runs the page.',
    retry: 'never',
  },
  MONITOR_NAME_DUPLICATE: {
    status: 409,
    message: 'A monitor with this name exists already',
    meaning: 'Names of monitors are unique in an organization. The message names the clash.',
    remedy: 'Choose another name, or change the existing monitor.',
    retry: 'never',
  },
  INCIDENT_ALREADY_RESOLVED: {
    status: 409,
    message: 'The incident is resolved already',
    meaning: 'A resolved incident cannot be acknowledged or moved to another status.',
    remedy: 'Leave it, or write its postmortem.',
    retry: 'never',
  },
  STATUS_PAGE_SLUG_TAKEN: {
    status: 409,
    message: 'This slug is in use',
    meaning: 'Slugs of status pages are unique on the whole service.',
    remedy: 'Choose another slug.',
    retry: 'never',
  },
  STATUS_PAGE_DOMAIN_TAKEN: {
    status: 409,
    message: 'This domain is in use',
    meaning: 'Another status page has this custom domain.',
    remedy: 'Remove it there first.',
    retry: 'never',
  },
  PLAN_LIMIT_MONITORS: {
    status: 429,
    message: 'The plan does not allow more monitors',
    meaning: 'The organization has as many monitors as its plan allows, or the request would take it beyond.',
    remedy: 'Delete monitors that are not needed, or change the plan.',
    retry: 'never',
  },
} as const satisfies Record<string, ErrorEntry>
