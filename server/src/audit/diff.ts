import { isDeepStrictEqual } from 'node:util'
import type { JsonValue } from '../db/json.ts'

type Fields = { readonly [field: string]: JsonValue | undefined }

/** A type rather than an interface, so that it fits into an audit row's `meta` as it is. */
export type FieldChanges = {
  readonly changedFields: string[]
  readonly diff: { [field: string]: JsonValue }
}

/**
 * What an update changed, for the `meta` of its audit row. Only fields that `after` names are compared; an absent field
 * of `before` counts as null. Of a sensitive field neither value is shown: not its length, not whether it was set,
 * changed or cleared.
 */
export function diffOf(before: Fields, after: Fields, sensitive: ReadonlySet<string>): FieldChanges {
  const diff: { [field: string]: JsonValue } = {}
  for (const [field, value] of Object.entries(after)) {
    if (value === undefined) continue
    const from = before[field] ?? null
    if (isDeepStrictEqual(from, value)) continue
    diff[field] = sensitive.has(field) ? { redacted: true } : { from, to: value }
  }
  return { changedFields: Object.keys(diff).sort(), diff }
}
