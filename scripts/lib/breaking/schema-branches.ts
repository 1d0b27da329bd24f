import { isObject, type JsonObject, objectAt, textAt } from './json.ts'
import { type Documents, follow, referenceOf, sameMeaning } from './references.ts'
import { allowsAnything, constantOf, schemaOf, typesOf } from './schema-shape.ts'

/** One alternative of a union: `name` is what tells it apart for good, `label` what a report calls it. */
export type Branch = { readonly schema: unknown; readonly name: string | undefined; readonly label: string }

export function branchesOf(document: JsonObject, union: JsonObject, schemas: readonly unknown[]): Branch[] {
  const property = textAt(objectAt(union, 'discriminator'), 'propertyName')
  return schemas.map((schema, at) => {
    const name = property === undefined ? undefined : constantOf(document, schema, property)
    const inline = isObject(schema) && !allowsAnything(schema) ? `${at}:${typesOf(schema).join('+')}` : String(at)
    return { schema, name, label: name ?? referenceOf(schema)?.split('/').at(-1) ?? inline }
  })
}

type Pair = { readonly base: Branch; readonly head: Branch }

export type PairedBranches = {
  readonly pairs: readonly Pair[]
  readonly removed: readonly Branch[]
  readonly added: readonly Branch[]
}

/** Finds for each alternative the one it became, by the surest sign first. A sign that fits several decides nothing. */
export function pairBranches(documents: Documents, base: readonly Branch[], head: readonly Branch[]): PairedBranches {
  const typesIn = (document: JsonObject, branch: Branch) => typesOf(schemaOf(follow(document, branch.schema))).join()
  const signs: readonly ((pair: Pair) => boolean)[] = [
    (pair) => pair.base.name !== undefined && pair.base.name === pair.head.name,
    (pair) => referenceOf(pair.base.schema) !== undefined && pair.base.label === pair.head.label,
    (pair) => sameMeaning(documents, pair.base.schema, pair.head.schema),
    (pair) =>
      (pair.base.name === undefined || pair.head.name === undefined) &&
      typesIn(documents.base, pair.base) === typesIn(documents.head, pair.head),
  ]
  const pairs: Pair[] = []
  const removed = new Set(base)
  const added = new Set(head)
  for (const fits of signs) {
    for (const before of [...removed]) {
      const [after, ...others] = [...added].filter((candidate) => fits({ base: before, head: candidate }))
      if (after === undefined || others.length > 0) continue
      if ([...removed].some((rival) => rival !== before && fits({ base: rival, head: after }))) continue
      pairs.push({ base: before, head: after })
      removed.delete(before)
      added.delete(after)
    }
  }
  return { pairs, removed: [...removed], added: [...added] }
}
