import { caller, operation, type Tags, type Tree, z } from '@owlery/spec'
import { integerId, moment, queryInteger, queryList, text } from '../../spec/src/primitives.ts'

/** A small contract with everything that is awkward to say to a model, and nothing else. */

const access = caller({ scope: 'monitors:write', role: 'member' })
const common = {
  access,
  summary: 'Do it',
  description: 'It is done.',
  origin: 'owlery',
  limit: 'api',
  errors: [],
} as const
const Answer = z.object({ id: z.int() }).openapi('Answer', { description: 'An answer.', example: { id: 1 } })
const done = { status: 200, description: 'Done.', body: Answer } as const

const Channel = z
  .discriminatedUnion('kind', [
    z.strictObject({ kind: z.literal('mail'), address: text(1, 100) }).openapi('MailChannel', {
      description: 'By mail.',
      example: { kind: 'mail', address: 'ada@example.com' },
    }),
    z
      .strictObject({ kind: z.literal('web'), url: z.string().max(200).openapi({ format: 'uri' }) })
      .openapi('WebChannel', {
        description: 'By HTTP.',
        example: { kind: 'web', url: 'https://example.com/' },
      }),
  ])
  .openapi('Channel', { description: 'Where to.', example: { kind: 'mail', address: 'ada@example.com' } })

const Order = z
  .strictObject({
    id: text(1, 20),
    tag: z.array(text(1, 20)).max(5),
    channel: Channel,
    note: text(0, 20).nullable().optional(),
    labels: z.record(text(1, 20), text(1, 20)).optional().openapi({ maxProperties: 5 }),
  })
  .openapi('Order', {
    description: 'What to do.',
    example: { id: 'a', tag: ['b'], channel: { kind: 'mail', address: 'ada@example.com' } },
  })

const idInPath = z.strictObject({ id: integerId.openapi({ description: 'Which one.' }) })

/** Unmarked reads of a data area, the shortest first. */
const reads = {
  one: operation({ ...common, method: 'get', path: '/api/v1/ones/{id}', params: idInPath, success: done }),
  nothing: operation({ ...common, method: 'get', path: '/api/v1/nothing', success: done }),
  many: operation({
    ...common,
    method: 'get',
    path: '/api/v1/many',
    description: `Everything there is. ${'Words without end. '.repeat(100)}`,
    query: z.strictObject({
      limit: queryInteger({ min: 1, max: 50, default: 10 }).openapi({ description: 'How many.' }),
      since: moment.openapi({ description: 'Since when.' }),
      tag: queryList(text(1, 20), 5).optional().openapi({ description: 'With these tags.' }),
    }),
    success: done,
  }),
}

const writes = {
  clash: operation({
    ...common,
    method: 'post',
    path: '/api/v1/orders/{id}',
    params: idInPath,
    query: z.strictObject({ id: text(1, 20).openapi({ description: 'Again.', example: 'x' }) }),
    body: Order,
    success: done,
    audit: 'UPDATE_MONITOR',
    agent: 'write',
  }),
  whole: operation({
    ...common,
    method: 'put',
    path: '/api/v1/channel',
    body: Channel,
    success: done,
    audit: 'UPDATE_MONITOR',
    agent: 'write',
  }),
}

export const awkward = { uptime: { reads, writes } } satisfies Tree
export const { one: plainRead } = reads
export const { whole: plainWrite } = writes

export function tagsOf(tree: Tree): Tags {
  return Object.fromEntries(
    Object.entries(tree).map(([area, resources]) => [
      area,
      Object.fromEntries(
        Object.keys(resources).map((name) => [name, { name: `${area} ${name}`, description: 'A sample.' }]),
      ),
    ]),
  )
}
