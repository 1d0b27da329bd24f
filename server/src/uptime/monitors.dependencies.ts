import type { Kysely } from 'kysely'
import type { Tables } from '../db/tables.ts'
import type { ErrorOptions } from '../http/bind.ts'
import type { ApiError } from '../http/problem.ts'
import { findAbove, findDependents, lockDependencies, lockDependenciesToAdd } from './monitors.dependencies.store.ts'
import { findMonitors, lockMonitors, type MonitorRow } from './monitors.store.ts'

type Ground = {
  readonly db: Kysely<Tables>
  readonly organizationId: number
  error(code: 'VALIDATION_FAILED' | 'NOT_FOUND', options?: ErrorOptions): ApiError
}

/** As they are stored and shown: each once, by id. */
export function parentsIn(dependsOn: readonly number[] | null | undefined): number[] {
  return [...new Set(dependsOn)].sort((one, other) => one - other)
}

/** Locks what new monitors shall depend on. Nothing can depend on a new one yet, so there is no circle to look for. */
export async function lockParents(parents: readonly number[], { db, organizationId, error }: Ground): Promise<void> {
  if (parents.length === 0) return
  await lockDependencies(db, organizationId)
  expectKnown(parents, await lockMonitors(db, organizationId, parents), error)
}

/** Locks the monitors and what they shall depend on, all in one order; answers the monitors. */
export async function lockForChange(
  db: Kysely<Tables>,
  organizationId: number,
  ids: readonly number[],
  { dependsOn }: { readonly dependsOn?: readonly number[] | null | undefined },
): Promise<MonitorRow[]> {
  if (dependsOn === undefined) return lockMonitors(db, organizationId, ids)
  await lockDependenciesToAdd(db, organizationId)
  return only(ids, await lockMonitors(db, organizationId, [...ids, ...(dependsOn ?? [])]))
}

/** Whether all of the locked monitors can depend on these. */
export async function expectFitParents(
  ids: readonly number[],
  dependsOn: readonly number[] | null | undefined,
  { db, organizationId, error }: Ground,
  at = '',
): Promise<void> {
  const parents = parentsIn(dependsOn)
  if (parents.length === 0) return
  expectKnown(parents, await findMonitors(db, organizationId, parents), error)
  const refuse = (message: string) =>
    error('VALIDATION_FAILED', { fields: [{ path: `${at}dependsOn`, code: 'custom', message }] })
  const own = parents.find((id) => ids.includes(id))
  if (own !== undefined) throw refuse(`A monitor cannot depend on itself (${own})`)
  const [inCircle] = await findAbove(db, parents, ids)
  if (inCircle !== undefined) throw refuse(`What monitor ${inCircle} would depend on depends on it already`)
}

/** Locks the monitors and what depends on them, which changes with them; answers the monitors. */
export async function lockForDeletion(
  db: Kysely<Tables>,
  organizationId: number,
  ids: readonly number[],
): Promise<MonitorRow[]> {
  await lockDependencies(db, organizationId)
  return only(ids, await lockMonitors(db, organizationId, [...ids, ...(await findDependents(db, ids))]))
}

function only(ids: readonly number[], rows: readonly MonitorRow[]): MonitorRow[] {
  return rows.filter(({ id }) => ids.includes(id))
}

function expectKnown(parents: readonly number[], rows: readonly MonitorRow[], error: Ground['error']): void {
  const known = new Set(rows.map(({ id }) => id))
  const missing = parents.filter((id) => !known.has(id))
  if (missing.length === 0) return
  throw error('NOT_FOUND', { message: `There are no monitors with the ids ${missing.join(', ')} to depend on` })
}
