import type { OperationModel } from './model.ts'

/** The client's resources as they nest: `uptime.monitors.create` is the operation `create` of `monitors` of `uptime`. */
export type Tree = Map<string, Tree | OperationModel>

export function treeOf(operations: readonly OperationModel[]): Tree {
  const root: Tree = new Map()
  for (const operation of operations) {
    const names = operation.id.split('.')
    const last = names.pop() ?? ''
    let group = root
    for (const name of names) {
      const next: Tree | OperationModel = group.get(name) ?? new Map()
      if (!(next instanceof Map)) throw new Error(`${operation.id}: ${next.id} is an operation, it cannot hold others`)
      group.set(name, next)
      group = next
    }
    if (group.has(last)) throw new Error(`${operation.id}: the name is taken by another operation or group`)
    group.set(last, operation)
  }
  return root
}
