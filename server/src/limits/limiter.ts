import { within } from '../db/within.ts'
import type { Log } from '../log.ts'
import { type Counter, CounterMap } from './counter-map.ts'
import { outcome, type Rule, refusedOf, type Taken, usedAt } from './rule.ts'
import type { SharedCounters } from './shared-counters.ts'

export type LimiterState = { readonly status: 'ok' | 'degraded'; readonly detail: string }

/** Where processes meet, and where it is said that they cannot. */
export type Sharing = { readonly counters: SharedCounters; readonly log: Log }

const tellEveryMs = 100
const mostAtOnce = 500
const patienceMs = 1000
const probeEveryMs = 1000

/**
 * How many requests of one key a process lets pass before it must tell the others. Two processes together exceed a
 * limit by this much at most, and each further one adds as much; limits below 20 are exact.
 */
function allowanceOf(rule: Rule): number {
  return Math.floor(rule.points / 20)
}

/**
 * Decides in memory, which takes about a microsecond, and tells the others afterwards: every 100 ms for all keys
 * together, or at once and before it answers when a key has used up its allowance. A key known to be exhausted is
 * refused without asking. While the store is away each process counts for itself.
 */
export class Limiter {
  readonly #sharing: Sharing | undefined
  readonly #elapsed: () => number
  readonly #counters = new CounterMap()
  readonly #untold = new Set<Counter>()
  #waiting = 0
  #isTelling = false
  #isDegraded = false
  #isClosed = false
  #timer: NodeJS.Timeout | undefined

  constructor(sharing?: Sharing, elapsed = () => performance.now()) {
    this.#sharing = sharing
    this.#elapsed = elapsed
  }

  take(rule: Rule, key: string): Taken | Promise<Taken> {
    const now = this.#elapsed()
    const counter = this.#counters.find(rule, key, now)
    moveTo(counter, now)
    const spent = counter.used + counter.sent + counter.unsent + counter.waiting.length
    if (spent + 1 > rule.points) return outcome(rule, false, spent, counter.at, now)
    if (this.#sharing === undefined || this.#isDegraded || this.#isClosed) {
      counter.used += 1
    } else if (counter.sent + counter.unsent < allowanceOf(rule)) {
      counter.unsent += 1
      this.#untold.add(counter)
      this.#tellAfter(tellEveryMs)
    } else {
      return this.#askFirst(counter)
    }
    return outcome(rule, true, spent + 1, counter.at, now)
  }

  state(): LimiterState {
    if (this.#sharing === undefined) return { status: 'ok', detail: 'counted in this process' }
    const { name } = this.#sharing.counters
    return this.#isDegraded
      ? { status: 'degraded', detail: `${name} does not answer: each process counts for itself` }
      : { status: 'ok', detail: `shared through ${name}` }
  }

  async close(): Promise<void> {
    this.#isClosed = true
    clearTimeout(this.#timer)
    if (!this.#isDegraded) await this.#tell()
    await this.#sharing?.counters.close()
  }

  #askFirst(counter: Counter): Promise<Taken> {
    return new Promise((resolve) => {
      counter.waiting.push(resolve)
      this.#waiting += 1
      this.#untold.add(counter)
      void this.#tell()
    })
  }

  #tellAfter(ms: number): void {
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined
      void (this.#isDegraded ? this.#probe() : this.#tell())
    }, ms).unref()
  }

  // One exchange at a time: what comes meanwhile goes with the next one, so a busy store is asked less often, not more.
  async #tell(): Promise<void> {
    if (this.#isTelling || this.#sharing === undefined) return
    this.#isTelling = true
    do await this.#tellBatch(this.#sharing)
    while (this.#waiting > 0)
    this.#isTelling = false
    if (this.#untold.size > 0) this.#tellAfter(tellEveryMs)
  }

  async #tellBatch({ counters, log }: Sharing): Promise<void> {
    const batch = [...this.#untold].slice(0, mostAtOnce).map((counter) => this.#send(counter))
    if (batch.length === 0) return
    const spendings = batch.map(({ counter: { key, rule, sent }, waiting }) => {
      return { key, rule, passed: sent - waiting.length, asked: waiting.length }
    })
    try {
      const totals = await within(patienceMs, counters.add(spendings), () => new Error('no answer in time'))
      const now = this.#elapsed()
      for (const [index, sent] of batch.entries()) {
        const { used, ageMs } = totals[index] ?? { used: 0, ageMs: 0 }
        sent.counter.at = now - ageMs
        settle(sent, used, now)
      }
    } catch (err) {
      log.warn({ err, store: counters.name }, 'limits are not shared: each process counts for itself')
      this.#isDegraded = true
      for (const sent of batch) this.#countHere(sent)
      for (const counter of this.#untold) this.#countHere(this.#send(counter))
      this.#tellAfter(probeEveryMs)
    }
  }

  #send(counter: Counter): Sent {
    const { waiting } = counter
    counter.sent = counter.unsent + waiting.length
    counter.unsent = 0
    counter.waiting = []
    this.#waiting -= waiting.length
    this.#untold.delete(counter)
    return { counter, waiting }
  }

  #countHere(sent: Sent): void {
    const { counter } = sent
    const now = this.#elapsed()
    moveTo(counter, now)
    settle(sent, counter.used + counter.sent, now)
  }

  async #probe(): Promise<void> {
    if (this.#sharing === undefined || this.#isClosed) return
    const { counters, log } = this.#sharing
    try {
      await within(patienceMs, counters.probe(), () => new Error('no answer in time'))
      this.#isDegraded = false
      log.info({ store: counters.name }, 'limits are shared again')
    } catch {
      this.#tellAfter(probeEveryMs)
    }
  }
}

type Sent = { readonly counter: Counter; readonly waiting: Counter['waiting'] }

/** Of the requests that waited, the last ones asked for the points above the limit. */
function settle({ counter, waiting }: Sent, used: number, now: number): void {
  const refused = refusedOf(counter.rule, used, waiting.length)
  counter.sent = 0
  counter.used = used - refused
  for (const [index, resolve] of waiting.entries()) {
    resolve(outcome(counter.rule, index < waiting.length - refused, counter.used, counter.at, now))
  }
}

function moveTo(counter: Counter, now: number): void {
  counter.used = usedAt(counter.rule, counter, now)
  if (counter.rule.kind === 'window' && now - counter.at < counter.rule.ms) return
  if (counter.rule.kind === 'window') counter.unsent = 0
  counter.at = now
}
