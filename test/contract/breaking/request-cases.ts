import { drop, put, type RuleCases } from './document-edits.ts'

const list = '/paths/~1monitors/get'
const body = '/paths/~1monitors/post/requestBody'
const create = '/components/schemas/NewMonitor'
const filter = { name: 'kind', in: 'query', schema: { type: 'string' } }

export const requestCases = {
  'parameter-removed': {
    reported: [
      { edits: [drop(`${list}/parameters/0`)], keys: ['parameter-removed monitors.list /parameters/query/state'] },
    ],
    silent: [[put(`${list}/parameters/-`, filter)]],
  },
  'required-parameter-added': {
    reported: [
      {
        edits: [put(`${list}/parameters/-`, { ...filter, required: true })],
        keys: ['required-parameter-added monitors.list /parameters/query/kind'],
      },
    ],
    silent: [[put(`${list}/parameters/-`, { ...filter, required: false })]],
  },
  'parameter-became-required': {
    reported: [
      {
        edits: [put(`${list}/parameters/0/required`, true)],
        keys: ['parameter-became-required monitors.list /parameters/query/state'],
      },
      {
        edits: [put('/components/parameters/Trace/required', true)],
        keys: ['parameter-became-required parameters/Trace /'],
      },
    ],
    silent: [[put(`${list}/parameters/2/required`, false)]],
  },
  'parameter-location-changed': {
    reported: [
      {
        edits: [put(`${list}/parameters/2/in`, 'header')],
        keys: ['parameter-location-changed monitors.list /parameters/query/region'],
      },
    ],
    silent: [[put('/components/parameters/Trace/name', 'x-trace')]],
  },
  'parameter-serialization-changed': {
    reported: [
      {
        edits: [put(`${list}/parameters/1/explode`, false)],
        keys: ['parameter-serialization-changed monitors.list /parameters/query/tag'],
      },
    ],
    silent: [[put(`${list}/parameters/1/explode`, true), put(`${list}/parameters/1/style`, 'form')]],
  },
  'request-body-removed': {
    reported: [{ edits: [drop(body)], keys: ['request-body-removed monitors.create /requestBody'] }],
    silent: [[put(`${list}/requestBody`, { content: { 'application/json': { schema: { type: 'object' } } } })]],
  },
  'request-body-became-required': {
    reported: [
      { edits: [put(`${body}/required`, true)], keys: ['request-body-became-required monitors.create /requestBody'] },
      {
        edits: [put(`${list}/requestBody`, { required: true, content: {} })],
        keys: ['request-body-became-required monitors.list /requestBody'],
      },
    ],
    silent: [[put(`${body}/required`, false)]],
  },
  'request-content-type-removed': {
    reported: [
      {
        edits: [drop(`${body}/content/text~1yaml`)],
        keys: ['request-content-type-removed monitors.create /requestBody/content/text~1yaml'],
      },
    ],
    silent: [[put(`${body}/content/text~1toml`, { schema: { type: 'string' } })]],
  },
  'request-property-removed': {
    reported: [
      {
        edits: [drop(`${create}/properties/url`)],
        keys: ['request-property-removed schemas/NewMonitor /properties/url'],
      },
    ],
    silent: [[put(`${create}/properties/color`, { type: 'string' })]],
  },
  'request-required-property-added': {
    reported: [
      {
        edits: [put(`${create}/properties/color`, { type: 'string' }), put(`${create}/required/-`, 'color')],
        keys: ['request-required-property-added schemas/NewMonitor /properties/color'],
      },
    ],
    silent: [[put(`${create}/properties/color`, { type: 'string', minLength: 3 })]],
  },
  'request-property-became-required': {
    reported: [
      {
        edits: [put(`${create}/required/-`, 'url')],
        keys: ['request-property-became-required schemas/NewMonitor /properties/url'],
      },
    ],
    silent: [[drop(`${create}/required/0`)]],
  },
  'request-additional-properties-restricted': {
    reported: [
      {
        edits: [put(`${create}/properties/labels/additionalProperties`, false)],
        keys: ['request-additional-properties-restricted schemas/NewMonitor /properties/labels/additionalProperties'],
      },
      {
        edits: [put('/components/schemas/HttpTarget/additionalProperties', false)],
        keys: ['request-additional-properties-restricted schemas/HttpTarget /additionalProperties'],
      },
    ],
    silent: [[put(`${create}/additionalProperties`, { type: 'string' })], [drop(`${create}/additionalProperties`)]],
  },
  'request-type-narrowed': {
    reported: [
      {
        edits: [put(`${create}/properties/interval/type`, 'integer')],
        keys: ['request-type-narrowed schemas/NewMonitor /properties/interval/type'],
      },
      {
        edits: [put(`${create}/properties/labels/additionalProperties/type`, 'number')],
        keys: ['request-type-narrowed schemas/NewMonitor /properties/labels/additionalProperties/type'],
      },
      {
        edits: [put(`${list}/parameters/2/schema`, { type: 'integer' })],
        keys: ['request-type-narrowed monitors.list /parameters/query/region/schema/type'],
      },
      {
        edits: [put(`${create}/properties/labels/properties`, { size: { type: 'integer' } })],
        keys: ['request-type-narrowed schemas/NewMonitor /properties/labels/properties/size/type'],
      },
    ],
    silent: [
      [put(`${create}/properties/name/type`, ['string', 'number'])],
      [put(`${list}/parameters/2/schema`, { type: ['string', 'integer'] })],
      [put(`${create}/properties/labels/additionalProperties`, true)],
    ],
  },
  'request-null-removed': {
    reported: [
      {
        edits: [put(`${create}/properties/note/type`, 'string')],
        keys: ['request-null-removed schemas/NewMonitor /properties/note'],
      },
      {
        edits: [put(`${create}/properties/parent`, { $ref: '#/components/schemas/NewMonitor' })],
        keys: ['request-null-removed schemas/NewMonitor /properties/parent'],
      },
    ],
    silent: [
      [put(`${create}/properties/name/type`, ['string', 'null'])],
      [put(`${create}/properties/note`, { anyOf: [{ type: 'string' }, { type: 'null' }] })],
    ],
  },
  'request-values-restricted': {
    reported: [
      {
        edits: [put(`${create}/properties/name/enum`, ['owl'])],
        keys: ['request-values-restricted schemas/NewMonitor /properties/name/enum'],
      },
    ],
    silent: [[drop(`${create}/properties/state/enum`)]],
  },
  'request-enum-value-removed': {
    reported: [
      {
        edits: [drop(`${create}/properties/state/enum/1`)],
        keys: ['request-enum-value-removed schemas/NewMonitor /properties/state/enum/paused'],
      },
      {
        edits: [put('/components/schemas/StateFilter', { const: 'up' })],
        keys: ['request-enum-value-removed schemas/StateFilter /enum/down'],
      },
    ],
    silent: [[put(`${create}/properties/state/enum/-`, 'muted')]],
  },
  'request-branch-removed': {
    reported: [
      {
        edits: [drop('/components/schemas/Target/oneOf/1')],
        keys: ['request-branch-removed schemas/Target /oneOf/tcp'],
      },
      {
        edits: [put(`${create}/properties/limit`, { type: 'integer' })],
        keys: ['request-branch-removed schemas/NewMonitor /properties/limit/anyOf/1:string'],
      },
    ],
    silent: [
      [put('/components/schemas/Target/oneOf/-', { type: 'object', properties: { kind: { const: 'dns' } } })],
      [put(`${create}/properties/name`, { anyOf: [{ type: 'string' }, { type: 'boolean' }] })],
      [
        put('/components/schemas/Target/oneOf', [
          { $ref: '#/components/schemas/TcpTarget' },
          { $ref: '#/components/schemas/HttpTarget' },
        ]),
      ],
    ],
  },
  'request-bound-tightened': {
    reported: [
      {
        edits: [put(`${create}/properties/name/maxLength`, 99)],
        keys: ['request-bound-tightened schemas/NewMonitor /properties/name/maxLength'],
      },
      {
        edits: [put(`${create}/properties/interval/exclusiveMaximum`, 900)],
        keys: ['request-bound-tightened schemas/NewMonitor /properties/interval/exclusiveMaximum'],
      },
      {
        edits: [put(`${list}/parameters/1/schema/uniqueItems`, true)],
        keys: ['request-bound-tightened monitors.list /parameters/query/tag/schema/uniqueItems'],
      },
      {
        edits: [put('/components/parameters/Trace/schema/maxLength', 32)],
        keys: ['request-bound-tightened parameters/Trace /schema/maxLength'],
      },
    ],
    silent: [
      [put(`${create}/properties/name/maxLength`, 101), put(`${create}/properties/interval/minimum`, 5)],
      [put(`${create}/properties/url/minLength`, 0), drop(`${list}/parameters/1/schema/maxItems`)],
    ],
  },
  'request-format-restricted': {
    reported: [
      {
        edits: [put(`${create}/properties/name/pattern`, '^[a-z]+$')],
        keys: ['request-format-restricted schemas/NewMonitor /properties/name/pattern'],
      },
      {
        edits: [put(`${create}/properties/url/format`, 'hostname')],
        keys: ['request-format-restricted schemas/NewMonitor /properties/url/format'],
      },
      {
        edits: [put(`${create}/properties/interval/multipleOf`, 5)],
        keys: ['request-format-restricted schemas/NewMonitor /properties/interval/multipleOf'],
      },
    ],
    silent: [[drop(`${create}/properties/url/format`)]],
  },
  'request-default-changed': {
    reported: [
      {
        edits: [put(`${create}/properties/interval/default`, 30)],
        keys: ['request-default-changed schemas/NewMonitor /properties/interval/default'],
      },
      {
        edits: [drop(`${create}/properties/interval/default`)],
        keys: ['request-default-changed schemas/NewMonitor /properties/interval/default'],
      },
    ],
    silent: [[put('/components/schemas/Monitor/properties/uptime/default', 1)]],
  },
  'request-default-added': {
    reported: [
      {
        edits: [put(`${create}/properties/state/default`, 'up')],
        keys: ['request-default-added schemas/NewMonitor /properties/state/default'],
      },
    ],
    silent: [[put(`${create}/properties/state/example`, 'up')]],
  },
} as const satisfies Record<string, RuleCases>
