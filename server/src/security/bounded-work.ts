/** No fault of the request: the same one will do later. */
export class Overloaded extends Error {
  override readonly name: string = 'Overloaded'
}

/** Runs at most `running` tasks at once and lets at most `waiting` more stand in line; the rest get `Overloaded`. */
export function boundedWork(running: number, waiting: number): <T>(task: () => Promise<T>) => Promise<T> {
  const line: (() => void)[] = []
  let busy = 0
  return async (task) => {
    if (busy < running) busy += 1
    else if (line.length >= waiting) throw new Overloaded('too many tasks are waiting')
    // The one that ends hands its place on, so `busy` stays as it is.
    else await new Promise<void>((resolve) => line.push(resolve))
    try {
      return await task()
    } finally {
      const next = line.shift()
      if (next === undefined) busy -= 1
      else next()
    }
  }
}
