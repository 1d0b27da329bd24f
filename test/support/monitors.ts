import type { MonitorCreate } from '@owlery/client'
import type { Person } from './actors.ts'
import { origin, type Service } from './service.ts'

let counter = 0

/** The body of a monitor that nothing speaks against: its target is an address, so no name has to be resolved. */
export function website(more: Partial<MonitorCreate> = {}): MonitorCreate {
  return { name: `website ${++counter}`, url: 'https://1.1.1.1/', type: 'https', intervalSec: 60, ...more }
}

/** A request as a person might write it by hand, for what the typed client would not let through. */
export async function sendJson(service: Service, person: Person, method: string, path: string, body?: unknown) {
  const response = await service.send(`${origin}${path}`, {
    method,
    headers: { authorization: `Bearer ${person.session}`, 'content-type': 'application/json' },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  })
  const text = await response.text()
  const json: unknown = text === '' ? undefined : JSON.parse(text)
  return { status: response.status, headers: response.headers, json }
}

export type AuditRow = {
  readonly action: string
  readonly resource: string
  readonly actor_user_id: number | null
  readonly actor_pat_id: number | null
  readonly meta: unknown
}

/** What the audit log says of a resource, oldest first. */
export function auditOf(service: Service, resource: string): Promise<AuditRow[]> {
  return service.services.database.db
    .selectFrom('audit_logs')
    .select(['action', 'resource', 'actor_user_id', 'actor_pat_id', 'meta'])
    .where('resource', '=', resource)
    .orderBy('id')
    .execute()
}

/** The code of the error that a call ends with, or `ok`. */
export async function codeOf(call: { result(): Promise<{ ok: boolean; error?: { code: string } }> }): Promise<string> {
  const outcome = await call.result()
  return outcome.ok ? 'ok' : (outcome.error?.code ?? 'none')
}

/** Where the faults of a refused call are. */
export async function pathsOf(call: {
  result(): Promise<{ ok: boolean; error?: { fields?: readonly { path: string }[] | undefined } }>
}): Promise<string[] | undefined> {
  return (await call.result()).error?.fields?.map(({ path }) => path)
}
