import { isMutation } from '@owlery/spec'
import type { Actor } from './actor.ts'
import { writeAudit } from './audit.ts'
import { type AnyContext, type AnyInput, Committed, type Effect } from './bind.ts'
import { ifMatchOf } from './precondition.ts'
import { ApiError } from './problem.ts'
import { jsonReply, OtherwiseReply, type Reply, TextReply } from './reply.ts'
import type { Incoming } from './request.ts'

type Where = Pick<Effect, 'db' | 'afterCommit'>
type Commit = (change: (where: Where) => Promise<Reply>) => Promise<Reply>

/** Calls the handler and renders what it returns as the record says. */
export async function perform(
  incoming: Incoming,
  actor: Actor | undefined,
  input: AnyInput,
  where: Where,
): Promise<Reply> {
  const context = contextOf(incoming, actor, where, neverCommits)
  await expectUnchanged(incoming, input, context)
  const result = await incoming.route.handler(input, context)
  context.expectAudit()
  if (incoming.route.operation.etag && context.replyHeaders.ETag === undefined) {
    throw new Error(`${incoming.route.id} answers without its version`)
  }
  return render(incoming, result, context.replyHeaders)
}

/** For slow operations: the handler works first and then commits once. */
export async function performSlowly(
  incoming: Incoming,
  actor: Actor | undefined,
  input: AnyInput,
  commit: Commit,
): Promise<Reply> {
  const { db } = incoming.services.database
  const context = contextOf(incoming, actor, { db, afterCommit: neverCommits }, commit, input)
  const result = await incoming.route.handler(input, context)
  if (!(result instanceof Committed)) throw new Error(`${incoming.route.id} ended without committing`)
  return result.reply
}

/**
 * If-Match, held against the ETag that the reading operation gives inside the same transaction. That transaction sees
 * one snapshot, so a change that lands in between makes it fail rather than be overwritten.
 */
async function expectUnchanged(incoming: Incoming, input: AnyInput, context: CalledContext): Promise<void> {
  const { reader } = incoming.route
  const wanted = ifMatchOf(incoming)
  if (reader === undefined || wanted === undefined) return
  await reader({ params: input.params, query: undefined, body: undefined }, context)
  const current = context.replyHeaders.ETag
  delete context.replyHeaders.ETag
  if (!wanted.includes('*') && (current === undefined || !wanted.includes(current))) {
    throw new ApiError('PRECONDITION_FAILED')
  }
}

function neverCommits(): never {
  throw new Error('this operation does not open its own transaction')
}

type CalledContext = AnyContext & { readonly replyHeaders: Record<string, string>; expectAudit(): void }

function contextOf(
  incoming: Incoming,
  actor: Actor | undefined,
  where: Where,
  commit: Commit,
  input?: AnyInput,
): CalledContext {
  const { route } = incoming
  const replyHeaders: Record<string, string> = {}
  const effect = effectOf(incoming, actor, where)
  return {
    ...effect,
    replyHeaders,
    actor,
    services: incoming.services,
    requestId: incoming.id,
    address: incoming.address,
    userAgent: incoming.hono.req.header('user-agent')?.slice(0, 512) ?? null,
    now: incoming.now,
    headers: incoming.hono.req.raw.headers,
    error: (code, options) => {
      // The types refuse it too; what reaches this line is a fault of ours and must not look like a documented answer.
      if (!route.codes.has(code)) throw new Error(`${route.id} does not declare ${code}`)
      return new ApiError(code, options)
    },
    setHeader: (name, value) => {
      replyHeaders[name] = value
    },
    setVersion: (version) => {
      replyHeaders.ETag = `"${version}"`
    },
    commit: async (change) =>
      new Committed(
        await commit(async (inside) => {
          const changing = effectOf(incoming, actor, inside)
          if (input !== undefined) {
            await expectUnchanged(incoming, input, contextOf(incoming, actor, inside, neverCommits))
          }
          const result = await change(changing)
          changing.expectAudit()
          return render(incoming, result, replyHeaders)
        }),
      ),
  }
}

function effectOf(incoming: Incoming, actor: Actor | undefined, { db, afterCommit }: Where) {
  const { id, operation } = incoming.route
  let audited = 0
  return {
    db,
    afterCommit,
    audit: async (entry: Parameters<Effect['audit']>[0]) => {
      audited++
      await writeAudit(db, incoming, actor, entry)
    },
    expectAudit: () => {
      if (isMutation(operation) && operation.audit !== undefined && audited === 0) {
        throw new Error(`${id} changed something without an audit row`)
      }
    },
  }
}

function render(incoming: Incoming, result: unknown, headers: Readonly<Record<string, string>>): Reply {
  const { success, otherwise } = incoming.route.operation
  if (result instanceof TextReply) {
    const own = { 'Content-Type': result.type, ...headers, ...result.headers }
    return { status: success.status, headers: own, body: result.content }
  }
  if (result instanceof OtherwiseReply) {
    if (otherwise === undefined) throw new Error(`${incoming.route.id} documents no other answer`)
    const own = { ...headers, ...result.headers }
    if ('body' in otherwise) return jsonReply(otherwise.status, result.body, own)
    return { status: otherwise.status, headers: { 'Content-Type': otherwise.text, ...own }, body: String(result.body) }
  }
  if (success.body === undefined) return { status: success.status, headers, body: null }
  return jsonReply(success.status, result, headers)
}
