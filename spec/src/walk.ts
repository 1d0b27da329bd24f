import { contract, tags } from './contract.ts'
import type { Operation } from './operation.ts'

export type Tag = { readonly name: string; readonly description: string }

/** An operation with the names that follow from where it stands in the tree. */
export type Placed = {
  readonly id: string
  readonly area: string
  readonly resource: string
  readonly verb: string
  readonly tag: string
  readonly operation: Operation
}

export type Tree = Readonly<Record<string, Readonly<Record<string, Readonly<Record<string, Operation>>>>>>
export type Tags = Readonly<Record<string, Readonly<Record<string, Tag>>>>

export function placedOperations(tree: Tree = contract, tagTree: Tags = tags): Placed[] {
  const placed: Placed[] = []
  for (const [area, resources] of Object.entries(tree)) {
    for (const [resource, verbs] of Object.entries(resources)) {
      const tag = tagTree[area]?.[resource]
      if (tag === undefined) throw new Error(`${area}.${resource} has no tag`)
      for (const [verb, operation] of Object.entries(verbs)) {
        placed.push({ id: `${area}.${resource}.${verb}`, area, resource, verb, tag: tag.name, operation })
      }
    }
  }
  return placed
}
