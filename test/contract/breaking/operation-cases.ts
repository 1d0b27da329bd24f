import { drop, put, type RuleCases } from './document-edits.ts'

const list = '/paths/~1monitors/get'
const create = '/paths/~1monitors/post'
const one = '/paths/~1monitors~1{id}'
const schemas = '/components/schemas'
const newcomer = { operationId: 'monitors.count', security: [], responses: { '204': { description: 'None.' } } }
const moved = {
  parameters: [{ name: 'id', in: 'path', required: true, schema: { type: 'integer', minimum: 1 } }],
  get: {
    operationId: 'monitors.get',
    tags: ['Monitors'],
    security: [{ session: [] }],
    'x-own-token': 'id',
    responses: {
      '200': {
        description: 'The monitor.',
        content: { 'application/json': { schema: { $ref: '#/components/schemas/Monitor' } } },
      },
      '503': {
        description: 'The monitor cannot be told.',
        content: {
          'application/json': {
            schema: { type: 'object', required: ['down'], properties: { down: { type: 'boolean' } } },
          },
        },
      },
    },
  },
}

export const operationCases = {
  'unclassified-change': {
    reported: [
      { edits: [put(`${list}/callbacks`, {})], keys: ['unclassified-change monitors.list /callbacks'] },
      { edits: [put(`${list}/x-unheard`, 1)], keys: ['unclassified-change monitors.list /x-unheard'] },
      { edits: [put('/webhooks', { up: {} })], keys: ['unclassified-change document /webhooks'] },
      { edits: [put('/openapi', '3.2.0')], keys: ['unclassified-change document /openapi'] },
      { edits: [put(`${one}/servers`, [{ url: '/v2' }])], keys: ['unclassified-change monitors.get /servers'] },
      {
        edits: [put(`${schemas}/Ok/properties/ok/contentEncoding`, 'base64')],
        keys: ['unclassified-change schemas/Ok /properties/ok/contentEncoding'],
      },
      {
        edits: [put(`${schemas}/NewMonitor/properties/labels/patternProperties`, { '^x-': {} })],
        keys: ['unclassified-change schemas/NewMonitor /properties/labels/patternProperties'],
      },
      {
        edits: [put(`${schemas}/NewMonitor/properties/name/not`, { const: 'root' })],
        keys: ['unclassified-change schemas/NewMonitor /properties/name/not'],
      },
      {
        edits: [put(`${schemas}/NewMonitor/allOf`, [{ $ref: `#${schemas}/HttpTarget` }])],
        keys: ['unclassified-change schemas/NewMonitor /allOf'],
      },
      {
        edits: [
          put(`${schemas}/NewMonitor/properties/limit/oneOf`, [{ type: 'integer' }, { type: 'string' }]),
          drop(`${schemas}/NewMonitor/properties/limit/anyOf`),
        ],
        keys: ['unclassified-change schemas/NewMonitor /properties/limit/oneOf'],
      },
      {
        edits: [put(`${create}/requestBody/content/text~1yaml/encoding`, {})],
        keys: ['unclassified-change monitors.create /requestBody/content/text~1yaml/encoding'],
      },
    ],
    silent: [
      [put(`${list}/description`, 'All of them.'), put(`${list}/tags`, ['Owls']), put(`${list}/x-origin`, 'owlette')],
      [put('/info/version', '2.0.0'), put('/x-tagGroups', [{ name: 'Owls', tags: [] }]), put('/tags', [])],
      [put(`${schemas}/Monitor/title`, 'Monitor'), put(`${schemas}/Monitor/properties/id/example`, 42)],
    ],
  },
  'servers-changed': {
    reported: [{ edits: [drop('/servers/1')], keys: ['servers-changed document /servers/https:~1~1eu.owls.example'] }],
    silent: [[put('/servers/-', { url: 'https://us.owls.example' })], [put('/servers/0/description', 'This one.')]],
  },
  'security-scheme-changed': {
    reported: [
      {
        edits: [put('/components/securitySchemes/token', { type: 'apiKey', in: 'header', name: 'X-Key' })],
        keys: ['security-scheme-changed securitySchemes/token /'],
      },
    ],
    silent: [[put('/components/securitySchemes/token/description', 'Scoped.')]],
  },
  'error-code-forgotten': {
    reported: [
      {
        edits: [drop(`${schemas}/ErrorCode/enum/0`)],
        keys: ['error-code-forgotten document /components/schemas/ErrorCode/enum/NAME_TAKEN'],
      },
      {
        edits: [drop(`${schemas}/ErrorCode/enum`)],
        keys: ['NAME_TAKEN', 'QUOTA_REACHED', 'VALIDATION_FAILED', 'WRONG_METHOD'].map(
          (code) => `error-code-forgotten document /components/schemas/ErrorCode/enum/${code}`,
        ),
      },
    ],
    silent: [[put(`${schemas}/ErrorCode/enum/-`, 'GONE')], [put(`${schemas}/ErrorCode/description`, 'All of them.')]],
  },
  'error-catalogue-changed': {
    reported: [
      {
        edits: [put('/x-errors/NAME_TAKEN/retry', 'later')],
        keys: ['error-catalogue-changed document /x-errors/NAME_TAKEN/retry'],
      },
    ],
    silent: [[put('/x-errors/NAME_TAKEN/remedy', 'Ask an owl.')]],
  },
  'operation-removed': {
    reported: [{ edits: [drop(create)], keys: ['operation-removed monitors.create /'] }],
    silent: [[put('/paths/~1monitors/head', newcomer)]],
  },
  'operation-moved': {
    reported: [
      {
        edits: [drop(one), put('/paths/~1owls~1{id}', moved)],
        keys: ['operation-moved monitors.get /'],
      },
      {
        edits: [drop(`${one}/get`), put(`${one}/put`, moved.get)],
        keys: ['operation-moved monitors.get /'],
      },
    ],
    silent: [[put(one, { get: { ...moved.get, parameters: moved.parameters } })]],
  },
  'operation-id-changed': {
    reported: [
      {
        edits: [put(`${list}/operationId`, 'monitors.all')],
        keys: ['operation-id-changed monitors.list /operationId'],
      },
    ],
    silent: [[put(`${list}/summary`, 'All monitors')]],
  },
  'client-method-removed': {
    reported: [{ edits: [put(`${list}/x-client`, false)], keys: ['client-method-removed monitors.list /x-client'] }],
    silent: [[put(`${list}/x-client`, true)]],
  },
  'pagination-changed': {
    reported: [
      {
        edits: [put(`${list}/x-pagination/next`, 'after')],
        keys: ['pagination-changed monitors.list /x-pagination'],
      },
    ],
    silent: [[put(`${create}/x-pagination`, { style: 'offset', parameter: 'offset' })]],
  },
  'credential-removed': {
    reported: [
      {
        edits: [drop(`${list}/security/1`), put(`${list}/x-credentials`, ['token'])],
        keys: ['credential-removed monitors.list /security/session'],
      },
      {
        edits: [put(`${create}/security`, [{ token: ['monitors:write'], session: [] }])],
        keys: ['credential-removed monitors.create /security/token'],
      },
    ],
    silent: [[put(`${list}/security`, [{ session: [] }, { token: ['monitors:read'] }])]],
  },
  'scope-added': {
    reported: [
      {
        edits: [put(`${list}/security/0/token`, ['monitors:read', 'owls:read'])],
        keys: ['scope-added monitors.list /security/token/owls:read'],
      },
      {
        edits: [put(`${create}/security/0/token`, ['owls:write'])],
        keys: [
          'scope-added monitors.create /security/token/owls:write',
          'authorization-relaxed monitors.create /security/token/monitors:write',
        ],
      },
      { edits: [drop(`${one}/get/x-own-token`)], keys: ['scope-added monitors.get /x-own-token'] },
    ],
    silent: [[put(`${list}/security/-`, { token: ['monitors:read', 'owls:read'] })]],
  },
  'roles-narrowed': {
    reported: [
      {
        edits: [put(`${list}/x-roles`, ['owner', 'admin'])],
        keys: ['roles-narrowed monitors.list /x-roles/viewer'],
      },
      { edits: [put(`${create}/x-roles`, ['owner'])], keys: ['roles-narrowed monitors.create /x-roles'] },
    ],
    silent: [[put(`${list}/x-roles`, ['viewer', 'admin', 'owner'])]],
  },
  'authorization-relaxed': {
    reported: [
      { edits: [drop(`${list}/x-roles`)], keys: ['authorization-relaxed monitors.list /x-roles'] },
      {
        edits: [put(`${list}/x-roles/-`, 'member')],
        keys: ['authorization-relaxed monitors.list /x-roles/member'],
      },
      { edits: [put(`${list}/security`, [])], keys: ['authorization-relaxed monitors.list /security/anonymous'] },
      {
        edits: [put(`${create}/security/-`, { session: [] })],
        keys: ['authorization-relaxed monitors.create /security/session'],
      },
    ],
    silent: [[put(`${list}/security/0`, { token: ['monitors:read'] }), put(`${list}/description`, 'Scoped.')]],
  },
  'rate-limit-changed': {
    reported: [
      {
        edits: [put(`${list}/x-rate-limit/points`, 50)],
        keys: ['rate-limit-changed monitors.list /x-rate-limit'],
      },
    ],
    silent: [[put(`${list}/x-rate-limit`, { seconds: 60, points: 100, bucket: 'api' }), put(`${list}/summary`, 'All')]],
  },
  'body-limit-lowered': {
    reported: [
      { edits: [put(`${create}/x-body-limit`, 1000)], keys: ['body-limit-lowered monitors.create /x-body-limit'] },
      { edits: [drop(`${create}/x-body-limit`)], keys: ['body-limit-lowered monitors.create /x-body-limit'] },
    ],
    silent: [[put(`${create}/x-body-limit`, 2_097_152)], [put(`${list}/x-body-limit`, 1)]],
  },
  'idempotency-removed': {
    reported: [
      { edits: [drop(`${create}/x-idempotent`)], keys: ['idempotency-removed monitors.create /x-idempotent'] },
    ],
    silent: [[put(`${list}/x-idempotent`, true)]],
  },
  'audit-action-changed': {
    reported: [
      {
        edits: [put(`${create}/x-audit`, 'ADD_MONITOR')],
        keys: ['audit-action-changed monitors.create /x-audit'],
      },
    ],
    silent: [[put(`${list}/x-audit`, 'LIST_MONITORS')]],
  },
} as const satisfies Record<string, RuleCases>
