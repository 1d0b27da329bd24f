import { operation } from '../operation.ts'
import { auditActions, caller } from '../policy.ts'
import { anyJson, integerId, moment, queryInteger, text, timestamp, z } from '../primitives.ts'

const largestBigId = 9007199254740991

const AuditLog = z
  .object({
    id: z.int(),
    createdAt: timestamp,
    actorUserId: z.int().nullable().openapi({ description: '`null`: the service itself, or nobody it knows.' }),
    actorPatId: z.int().nullable().openapi({ description: 'The token that was used; `null`: a session.' }),
    actorEmail: z.string().nullable(),
    action: z.string(),
    resource: z.string().openapi({ description: '`kind:id`' }),
    meta: z.record(z.string(), anyJson).openapi({
      description:
        'Always `ip` and `ua`. An update has `changedFields` and `diff`, in which secrets are `{"redacted":true}`; a deletion has `snapshot`.',
    }),
  })
  .openapi('AuditLog', {
    description: 'Who did what, from where.',
    example: {
      id: 1042,
      createdAt: '2026-05-13T18:00:00.000Z',
      actorUserId: 7,
      actorPatId: 42,
      actorEmail: 'ada@example.com',
      action: 'UPDATE_MONITOR',
      resource: 'monitor:3',
      meta: {
        ip: '203.0.113.9',
        ua: 'curl/8.5.0',
        changedFields: ['alertWebhookUrl', 'intervalSec'],
        diff: { alertWebhookUrl: { redacted: true }, intervalSec: { from: 300, to: 60 } },
      },
    },
  })

const exampleHash = '9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08'

const AuditVerification = z
  .object({
    ok: z.boolean().openapi({ description: 'Nothing that was sealed has been changed, removed or added to.' }),
    checked: z.int().openapi({ description: 'How many sealed rows were looked at.' }),
    sealedThrough: timestamp.nullable().openapi({ description: 'The time of the newest sealed row.' }),
    unsealed: z.int().openapi({ description: 'Rows that wait for their seal; normally those of the last seconds.' }),
    firstBreak: z
      .object({
        position: z.int().nullable().openapi({ description: 'Its place in the chain, where it has one.' }),
        auditLogId: z.int().nullable(),
        reason: z.enum(['ROW_CHANGED', 'ROW_MISSING', 'ROW_NOT_SEALED', 'SEAL_MISSING', 'HEAD_CHANGED']).openapi({
          description: 'HEAD_CHANGED: the chain has another hash where `expectedHead` names one, or ends before it.',
        }),
      })
      .nullable(),
    head: z
      .object({ position: z.int(), hash: z.string() })
      .nullable()
      .openapi({ description: 'The end of the chain. Keep it elsewhere: it proves later that nothing was cut off.' }),
  })
  .openapi('AuditVerification', {
    description: 'Whether the audit log is what was written.',
    example: {
      ok: true,
      checked: 1042,
      sealedThrough: '2026-05-13T18:00:00.000Z',
      unsealed: 2,
      firstBreak: null,
      head: { position: 1042, hash: exampleHash },
    },
  })

const headPattern = /^[1-9]\d{0,15}:[0-9a-f]{64}$/
const actions = Object.keys(auditActions)

export const auditLogs = {
  list: operation({
    method: 'get',
    path: '/api/v1/audit-logs',
    summary: 'Read the audit log',
    description:
      'Newest first. With `format=csv` it is a download of everything that fits the filters, and that download is itself audited.',
    origin: '24observe',
    access: caller({ scope: 'audit:read', role: 'admin' }),
    limit: 'api',
    query: z.strictObject({
      action: z.enum(actions).optional().openapi({ description: 'Only this action.', example: 'CREATE_TOKEN' }),
      actor: integerId.optional().openapi({ description: 'Only what the user with this id did.' }),
      pat_id: integerId.optional().openapi({ description: 'Only what was done with the token with this id.' }),
      resource: text(1, 300).optional().openapi({ description: 'Only this thing.', example: 'monitor:3' }),
      from: moment.optional().openapi({ description: 'Only rows of this moment or later.' }),
      to: moment.optional().openapi({ description: 'Only rows of this moment or earlier.' }),
      limit: queryInteger({ min: 1, max: 1000 }).optional().openapi({
        description: 'How many to answer at most. Absent: 100, or all with `format=csv`.',
      }),
      before: queryInteger({ min: 1, max: largestBigId }).optional().openapi({
        description: 'The id of a row: only what comes after it in this order, which is the next page.',
      }),
      format: z.enum(['json', 'csv']).optional().openapi({ description: 'Absent: `json`.' }),
    }),
    success: {
      status: 200,
      description: 'Rows, newest first.',
      body: z.array(AuditLog),
      texts: ['text/csv'],
    },
    errors: ['BAD_TIME_RANGE'],
    audit: 'EXPORT_AUDIT_LOG',
    pagination: { style: 'keyset', parameter: 'before', key: 'id' },
  }),
  verify: operation({
    method: 'get',
    path: '/api/v1/audit-logs/verify',
    summary: 'Verify the audit log',
    description:
      'Every row is sealed, soon after it is written, by a hash over itself and the seal before it. This computes all of them anew. What was sealed and then changed, removed or slipped in shows as the first break; that the end was not cut off shows against a `head` of an earlier answer.',
    origin: 'owlery',
    access: caller({ scope: 'audit:read', role: 'admin' }),
    limit: 'api',
    query: z.strictObject({
      expectedHead: z
        .string()
        .min(66)
        .max(81)
        .regex(headPattern, 'Not position:hash')
        .optional()
        .openapi({
          description:
            'The `head` of an earlier answer, as `position:hash`: the chain must still have this hash there.',
          pattern: headPattern.source,
          example: `1042:${exampleHash}`,
        }),
    }),
    success: { status: 200, description: 'The outcome.', body: AuditVerification },
    errors: [],
  }),
}
