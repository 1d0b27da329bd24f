import { isMutation } from '@owlery/spec'
import { Hono } from 'hono'
import type { Config } from './config.ts'
import type { Actor } from './http/actor.ts'
import { authenticate } from './http/authenticate.ts'
import { authorize } from './http/authorize.ts'
import { bind, type Route } from './http/bind.ts'
import { readBody } from './http/body.ts'
import { showBudget, takeMutation } from './http/daily-cap.ts'
import { observe } from './http/observe.ts'
import { once, onceSlowly } from './http/once.ts'
import { perform, performSlowly } from './http/perform.ts'
import { fromSnapshotConflict, unlessHeld } from './http/precondition.ts'
import { problem, toApiError } from './http/problem.ts'
import { limitAddress, limitIdentity } from './http/rate-limit.ts'
import type { Reply } from './http/reply.ts'
import { type Env, type Incoming, receive } from './http/request.ts'
import { respond } from './http/respond.ts'
import { answerUnrouted } from './http/unrouted.ts'
import { parseInput } from './http/validate.ts'
import { implementation } from './implementation.ts'
import type { Services } from './services.ts'

export type App = Hono<Env>

export function createApp(services: Services): App {
  const app = new Hono<Env>({ strict: false })
  const routes = bind(implementation).filter((route) => isServedBy(services.config.role, route))
  for (const route of routes) {
    const { method } = route.operation
    // The router looks for a GET when a HEAD comes. What answers HEAD alone stands there and turns the GET away.
    app.on(method === 'head' ? 'GET' : method.toUpperCase(), route.pattern, (hono) =>
      method === 'head' && hono.req.method !== 'HEAD'
        ? answerUnrouted(hono, routes, services)
        : answer(receive(hono, route, services)),
    )
  }
  app.notFound((hono) => answerUnrouted(hono, routes, services))
  app.onError((error, hono) => answerUnrouted(hono, routes, services, error))
  return app
}

/** One request's way, the same for every operation. What each step asks for stands in the operation's record. */
async function answer(incoming: Incoming): Promise<Response> {
  let actor: Actor | undefined
  let reply: Reply
  try {
    await limitAddress(incoming)
    actor = await authenticate(incoming)
    authorize(incoming, actor)
    await limitIdentity(incoming, actor)
    const bytes = await readBody(incoming)
    reply = unlessHeld(incoming, await transact(incoming, actor, bytes))
  } catch (error) {
    const failure = toApiError(fromSnapshotConflict(incoming, error))
    observe.failure(incoming, failure, error)
    reply = problem(failure, incoming.id)
  }
  await showBudget(incoming, actor)
  observe.answer(incoming, reply.status)
  return respond(incoming, reply)
}

/** The second half: a replay ends first, then the daily cap is taken, and only then the request is read. */
async function transact(incoming: Incoming, actor: Actor | undefined, bytes: Uint8Array): Promise<Reply> {
  const { route, services } = incoming
  if (!isTransactional(route)) {
    const { db } = services.database
    return perform(incoming, actor, parseInput(incoming, bytes), { db, afterCommit: (action) => action() })
  }
  if (route.operation.slow) {
    return onceSlowly(incoming, actor, bytes, (commit) =>
      performSlowly(incoming, actor, parseInput(incoming, bytes), (change) =>
        commit(async (db, afterCommit) => {
          await takeMutation(db, incoming, actor)
          return change({ db, afterCommit })
        }),
      ),
    )
  }
  return once(incoming, actor, bytes, async (db, afterCommit) => {
    await takeMutation(db, incoming, actor)
    return perform(incoming, actor, parseInput(incoming, bytes), { db, afterCommit })
  })
}

/** A worker only says how it is. */
function isServedBy(role: Config['role'], route: Route): boolean {
  return role !== 'worker' || (route.area === 'platform' && route.resource === 'health')
}

/** Reads that leave a trace write their audit row in a transaction too. */
function isTransactional({ operation }: Route): boolean {
  return !operation.batched && (isMutation(operation) || operation.audit !== undefined)
}
