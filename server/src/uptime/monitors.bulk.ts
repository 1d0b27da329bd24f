import type { Contract } from '@owlery/spec'
import type { Handler } from '../http/bind.ts'
import { createMonitors, prepareMonitors } from './monitors.create.ts'
import { expectFitParents, lockForChange, lockForDeletion } from './monitors.dependencies.ts'
import { deleteMonitors, findMonitors, type MonitorRow } from './monitors.store.ts'
import { applyPatch, expectFitPatch, expectFitRows, hasNoFields } from './monitors.update.ts'

type Monitors = Contract['uptime']['monitors']

export const bulkCreate: Handler<Monitors['bulkCreate']> = async ({ body }, context) => {
  const entries = body.monitors.map((monitor, index) => ({ body: monitor, at: `monitors.${index}.` }))
  const prepared = await prepareMonitors(entries, context)
  return context.commit(async (effect) => {
    const monitors = await createMonitors(prepared, context, effect, { bulk: true })
    return { created: monitors.length, monitors }
  })
}

export const bulkUpdate: Handler<Monitors['bulkUpdate']> = async ({ body: { ids, patch } }, context) => {
  const { db, actor, error } = context
  if (hasNoFields(patch)) {
    throw error('VALIDATION_FAILED', { fields: [{ path: 'patch', code: 'custom', message: 'Nothing to change' }] })
  }
  const refuseMissing = (rows: readonly MonitorRow[]) => {
    const missing = missingOf(ids, rows)
    if (missing !== undefined) throw error('NOT_FOUND', { message: missing })
  }
  const found = await findMonitors(db, actor.organizationId, ids)
  refuseMissing(found)
  await expectFitPatch(patch, found, context, 'patch.')
  return context.commit(async (effect) => {
    const rows = await lockForChange(effect.db, actor.organizationId, ids, patch)
    refuseMissing(rows)
    expectFitRows(patch, rows, context, 'patch.')
    const ground = { db: effect.db, organizationId: actor.organizationId, error }
    await expectFitParents(ids, patch.dependsOn, ground, 'patch.')
    for (const row of rows) await applyPatch(row, patch, context, effect, { bulk: true })
    return { updated: rows.length, ids: rows.map(({ id }) => id) }
  })
}

export const bulkDelete: Handler<Monitors['bulkDelete']> = async (
  { body: { ids } },
  { db, actor, now, error, audit },
) => {
  const rows = await lockForDeletion(db, actor.organizationId, ids)
  const missing = missingOf(ids, rows)
  if (missing !== undefined) throw error('NOT_FOUND', { message: missing })
  await deleteMonitors(db, actor.organizationId, ids, now)
  for (const { id, name, url, type } of rows) {
    await audit({ resource: `monitor:${id}`, meta: { snapshot: { name, url, type }, bulk: true } })
  }
  return { deleted: rows.length, ids: rows.map(({ id }) => id) }
}

function missingOf(ids: readonly number[], rows: readonly MonitorRow[]): string | undefined {
  const known = new Set(rows.map(({ id }) => id))
  const missing = [...new Set(ids)].filter((id) => !known.has(id))
  return missing.length === 0 ? undefined : `There are no monitors with the ids ${missing.join(', ')}`
}
