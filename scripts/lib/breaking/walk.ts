import { type JsonObject, keysOfBoth, pointer, read, show } from './json.ts'
import { componentOf, type Documents, sameMeaning } from './references.ts'
import type { RuleName } from './rules.ts'

export type Finding = { readonly rule: RuleName; readonly path: string; readonly message: string }

/**
 * What was found in one subject itself (an operation, or a component in one role), and the components it leads to.
 * Components are compared once however many operations reach them, and may contain themselves.
 */
export type Trail = { readonly subject: string; readonly findings: Finding[]; readonly leadsTo: Set<Trail> }

export function trailOf(subject: string): Trail {
  // One word, so that it can stand in a line of approvals.
  return { subject: subject.replaceAll(/\s+/g, '_'), findings: [], leadsTo: new Set() }
}

/** Where in which subject the comparison stands. */
export type Place = { readonly walk: Walk; readonly trail: Trail; readonly path: string }

export function inside(place: Place, ...segments: string[]): Place {
  return { ...place, path: pointer(place.path, ...segments) }
}

export function report(place: Place, rule: RuleName, message: string): void {
  place.trail.findings.push({ rule, path: place.path || '/', message })
}

export class Walk {
  readonly documents: Documents
  readonly #components = new Map<string, Trail>()

  constructor(documents: Documents) {
    this.documents = documents
  }

  /** `role` keeps apart the ways one component can be looked at: as a request, as a response, as a parameter … */
  component(from: Place, references: { base: string; head: string }, role: string, look: (place: Place) => void): void {
    const key = `${role} ${references.base} ${references.head}`
    const known = this.#components.get(key)
    if (known !== undefined) {
      from.trail.leadsTo.add(known)
      return
    }
    const base = componentOf(references.base)
    const head = componentOf(references.head)
    const renamed = base.name === head.name ? '' : `=>${head.name}`
    const trail = trailOf(pointer(base.kind, `${base.name}${renamed}`))
    this.#components.set(key, trail)
    from.trail.leadsTo.add(trail)
    look({ walk: this, trail, path: '' })
  }
}

/** A trail and all it leads to. */
export function reachedFrom(start: Trail): Set<Trail> {
  const reached = new Set([start])
  for (const trail of reached) for (const next of trail.leadsTo) reached.add(next)
  return reached
}

/** Prose and examples: they bind nobody. */
const prose = new Set([
  'title',
  'summary',
  'description',
  'example',
  'examples',
  'deprecated',
  '$comment',
  'externalDocs',
])

/** What no rule speaks about must not change unseen. `known` are the members that the caller compares itself. */
export function compareTheRest(place: Place, base: JsonObject, head: JsonObject, known: ReadonlySet<string>): void {
  for (const key of keysOfBoth(base, head)) {
    if (known.has(key) || prose.has(key)) continue
    const before = read(base, key)
    const after = read(head, key)
    if (sameMeaning(place.walk.documents, before, after)) continue
    report(inside(place, key), 'unclassified-change', `\`${key}\` was ${show(before)}, is ${show(after)}`)
  }
}
