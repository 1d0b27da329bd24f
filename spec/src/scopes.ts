/**
 * What a token may be narrowed to. `*` is everything its owner's role allows; `resource:*` is all of one resource.
 * A scope never widens a role: both must allow the request.
 */
export const scopes = {
  'monitors:read': 'List and read monitors, their checks, stats and timeline.',
  'monitors:write': 'Create, change and delete monitors, and send test alerts.',
  'secrets:read': 'Read the secrets of monitors. Every read is audited.',
  'regions:work':
    'Check monitors from another region: claim what is due, with the headers that are to be sent, and report results.',
  'incidents:read': 'List and read incidents.',
  'incidents:write': 'Acknowledge and resolve incidents, post updates and postmortems.',
  'status-pages:read': 'List and read status pages and their components.',
  'status-pages:write': 'Change status pages, their components and subscribers.',
  'logs:read': 'Search and tail logs.',
  'logs:write': 'Send logs, over HTTP and OTLP.',
  'metrics:read': 'Query metric names and series.',
  'metrics:write': 'Send OTLP metrics.',
  'audit:read': 'Read the audit log of the organization.',
  'tokens:write': 'Mint, list and revoke tokens.',
  'maintenance:read': 'List maintenance windows.',
  'maintenance:write': 'Schedule and cancel maintenance windows.',
  'webhooks:read': 'List webhook subscriptions and their deliveries.',
  'webhooks:write': 'Change webhook subscriptions.',
  'saved-searches:read': 'List saved searches.',
  'saved-searches:write': 'Change saved searches.',
  'on-call:read': 'Read on-call schedules and rotations.',
  'on-call:write': 'Change on-call schedules and rotations.',
  'escalations:read': 'Read escalation policies.',
  'escalations:write': 'Change escalation policies.',
  'context:read': 'Read the operational context graph.',
  'projects:read': 'List and read projects.',
  'projects:write': 'Change projects.',
  'apps:read': 'List and read apps.',
  'apps:write': 'Change apps.',
  'events:read': 'Search events of apps.',
  'events:write': 'Send events of apps.',
  'issues:read': 'List and read error issues and their occurrences.',
  'issues:write': 'Resolve, snooze, merge and comment on error issues.',
  'attachments:read': 'List and download attachments.',
  'attachments:write': 'Reserve, upload and delete attachments.',
  'devices:read': 'List push devices.',
  'devices:write': 'Register and remove push devices.',
  'sites:read': 'List and read sites.',
  'sites:write': 'Change sites and who is assigned to them.',
  'machines:read': 'List and read machines, their metrics and logs.',
  'machines:write': 'Change and remove machines.',
  'commands:write': 'Send commands to machines.',
  'processes:read': 'List the processes of machines.',
  'processes:write': 'Change, start and stop the processes of machines.',
  'deployments:read': 'List and read deployments.',
  'deployments:write': 'Create, retry and cancel deployments.',
  'installers:read': 'List agent installers.',
  'installers:write': 'Upload and remove agent installers.',
  'screenshots:read': 'Take and read screenshots of machines.',
  'cortex:read': 'Read conversations with Cortex.',
  'cortex:write': 'Talk to Cortex.',
} as const

export type Scope = keyof typeof scopes

/** `*`: what only a token without any narrowing may do. */
export type RequiredScope = Scope | '*'

const resources = [...new Set(Object.keys(scopes).map((scope) => `${scope.split(':')[0]}:*`))]

/** Everything that may stand in a token's `scopes`. */
export const grantableScopes: readonly string[] = ['*', ...Object.keys(scopes), ...resources].sort()

/** Does one granted entry cover `scope`? `scope` may itself be a wildcard that somebody wants to grant further. */
export function covers(granted: string, scope: string): boolean {
  return granted === '*' || granted === scope || (granted.endsWith(':*') && scope.startsWith(granted.slice(0, -1)))
}

export function allows(granted: readonly string[], scope: string): boolean {
  return granted.some((entry) => covers(entry, scope))
}
