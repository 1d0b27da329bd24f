import { readFileSync } from 'node:fs'
import { parse } from 'yaml'

const text = readFileSync(new URL('base.yaml', import.meta.url), 'utf8')

export function baseDocument(): unknown {
  return parse(text)
}

/** One change of the document: `value` at the pointer, or nothing there any more. */
export type Edit = { readonly pointer: string; readonly value?: unknown }

export function put(pointer: string, value: unknown): Edit {
  return { pointer, value }
}

export function drop(pointer: string): Edit {
  return { pointer }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null
}

function segmentsOf(pointer: string): string[] {
  return pointer
    .split('/')
    .slice(1)
    .map((segment) => segment.replaceAll('~1', '/').replaceAll('~0', '~'))
}

function apply(document: unknown, { pointer, ...change }: Edit): void {
  const segments = segmentsOf(pointer)
  const last = segments.pop() ?? ''
  let parent = document
  for (const segment of segments) parent = isRecord(parent) ? parent[segment] : undefined
  if (!isRecord(parent)) throw new Error(`the base document has nothing around ${pointer}`)
  if ('value' in change) {
    if (Array.isArray(parent) && last === '-') parent.push(change.value)
    else parent[last] = change.value
  } else if (Array.isArray(parent)) {
    if (!(Number(last) < parent.length)) throw new Error(`the base document has no ${pointer}`)
    parent.splice(Number(last), 1)
  } else {
    if (!(last in parent)) throw new Error(`the base document has no ${pointer}`)
    delete parent[last]
  }
}

export function edited(edits: readonly Edit[]): unknown {
  const document = baseDocument()
  for (const edit of edits) apply(document, edit)
  return document
}

/** Objects whose members are names that the document chooses, so that a new member is a new thing. */
const maps = /^\/(paths|components|x-errors|info|x-tagGroups)?$|\/(properties|responses|content|headers|mapping)$/
const ownRules = /^\/components\/[^/]+$|\/x-[a-z-]+(\/|$)|^\/(info|x-errors)\/|\/security\/\d+$/

/** Where a member that nobody has heard of could stand. */
export function placesForMembers(node: unknown = baseDocument(), pointer = ''): string[] {
  if (!isRecord(node)) return []
  const isPlace =
    pointer === '' || !(Array.isArray(node) || maps.test(pointer) || ownRules.test(pointer) || '$ref' in node)
  const deeper = Object.entries(node).flatMap(([key, inner]) =>
    placesForMembers(inner, `${pointer}/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`),
  )
  return isPlace ? [pointer, ...deeper] : deeper
}

/** Both halves of a rule: edits with every key they must report, and edits nearby that callers cannot notice. */
export type RuleCases = {
  readonly reported: readonly { readonly edits: readonly Edit[]; readonly keys: readonly string[] }[]
  readonly silent: readonly (readonly Edit[])[]
}
