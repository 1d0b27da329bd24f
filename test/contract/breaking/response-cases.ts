import { drop, put, type RuleCases } from './document-edits.ts'

const list = '/paths/~1monitors/get/responses'
const create = '/paths/~1monitors/post/responses'
const one = '/paths/~1monitors~1{id}/get/responses'
const schemas = '/components/schemas'
const monitor = `${schemas}/Monitor`
const refused = `${create}/409/content/application~1json/schema`
const plain = { description: 'Plain.', content: { 'text/plain': { schema: { type: 'string' } } } }
const nameTaken = {
  description: 'Taken.',
  content: { 'application/json': { schema: { $ref: '#/components/schemas/ErrorNameTaken' } } },
}

export const responseCases = {
  'response-status-removed': {
    reported: [
      {
        edits: [drop(`${list}/200`)],
        keys: ['response-status-removed monitors.list /responses/200'],
      },
      { edits: [drop(`${one}/503`)], keys: ['response-status-removed monitors.get /responses/503'] },
    ],
    silent: [[put(`${list}/200/description`, 'One page.')]],
  },
  'success-status-added': {
    reported: [
      { edits: [put(`${list}/206`, plain)], keys: ['success-status-added monitors.list /responses/206'] },
      { edits: [put(`${list}/302`, plain)], keys: ['success-status-added monitors.list /responses/302'] },
    ],
    silent: [[put(`${list}/200/content/text~1plain`, { schema: { type: 'string' } })]],
  },
  'error-status-added': {
    reported: [
      { edits: [put(`${list}/503`, plain)], keys: ['error-status-added monitors.list /responses/503'] },
      { edits: [put(`${list}/default`, plain)], keys: ['error-status-added monitors.list /responses/default'] },
    ],
    silent: [[put(`${one}/503/description`, 'Down.')]],
  },
  'error-code-removed': {
    reported: [
      {
        edits: [drop(`${refused}/oneOf/0`)],
        keys: ['error-code-removed monitors.create /responses/409/NAME_TAKEN'],
      },
      {
        edits: [drop(`${create}/400`)],
        keys: ['error-code-removed monitors.create /responses/400/VALIDATION_FAILED'],
      },
    ],
    silent: [
      [
        put(`${create}/400`, {
          description: 'Not valid.',
          content: {
            'application/json': {
              schema: { oneOf: [{ $ref: '#/components/schemas/ErrorValidationFailed' }] },
            },
          },
        }),
      ],
    ],
  },
  'error-code-added': {
    reported: [
      {
        edits: [put(`${list}/409`, nameTaken)],
        keys: ['error-code-added monitors.list /responses/409/NAME_TAKEN'],
      },
      {
        edits: [put(`${refused}/oneOf/-`, { $ref: '#/components/schemas/ErrorValidationFailed' })],
        keys: ['error-code-added monitors.create /responses/409/VALIDATION_FAILED'],
      },
    ],
    silent: [[put(`${schemas}/ErrorNameTaken/properties/name`, { type: 'string' })]],
  },
  'error-code-status-moved': {
    reported: [
      {
        edits: [drop(`${refused}/oneOf/0`), put(`${create}/422`, nameTaken)],
        keys: ['error-code-status-moved monitors.create /responses/409/NAME_TAKEN'],
      },
    ],
    silent: [
      [
        put(`${refused}/oneOf`, [
          { $ref: '#/components/schemas/ErrorQuotaReached' },
          { $ref: '#/components/schemas/ErrorNameTaken' },
        ]),
      ],
    ],
  },
  'response-content-type-removed': {
    reported: [
      {
        edits: [drop(`${list}/200/content/text~1csv`)],
        keys: ['response-content-type-removed monitors.list /responses/200/content/text~1csv'],
      },
    ],
    silent: [[put(`${list}/200/content/text~1html`, { schema: { type: 'string' } })]],
  },
  'response-header-removed': {
    reported: [
      {
        edits: [drop(`${list}/200/headers/X-Total`)],
        keys: ['response-header-removed monitors.list /responses/200/headers/x-total'],
      },
    ],
    silent: [
      [put(`${list}/200/headers/X-More`, { schema: { type: 'string' } })],
      [drop(`${list}/200/headers/X-Total`), put(`${list}/200/headers/x-total`, { schema: { type: 'integer' } })],
    ],
  },
  'response-header-became-optional': {
    reported: [
      {
        edits: [drop('/components/headers/X-Request-Id/required')],
        keys: ['response-header-became-optional headers/X-Request-Id /'],
      },
    ],
    silent: [[put(`${list}/200/headers/X-Total/required`, true)]],
  },
  'response-property-removed': {
    reported: [
      {
        edits: [drop(`${monitor}/properties/uptime`)],
        keys: ['response-property-removed schemas/Monitor /properties/uptime'],
      },
      {
        edits: [drop(`${monitor}/properties/name`), drop(`${monitor}/required/1`)],
        keys: ['response-property-removed schemas/Monitor /properties/name'],
      },
      {
        edits: [drop(`${schemas}/ErrorNameTaken/properties/error`)],
        keys: ['response-property-removed schemas/ErrorNameTaken /properties/error'],
      },
    ],
    silent: [[put(`${monitor}/properties/owner`, { type: ['string', 'null'] })]],
  },
  'response-property-became-optional': {
    reported: [
      {
        edits: [drop(`${monitor}/required/1`)],
        keys: ['response-property-became-optional schemas/Monitor /properties/name'],
      },
    ],
    silent: [[put(`${monitor}/required/-`, 'uptime')]],
  },
  'response-additional-properties-changed': {
    reported: [
      {
        edits: [put(`${monitor}/properties/labels/additionalProperties`, false)],
        keys: ['response-additional-properties-changed schemas/Monitor /properties/labels/additionalProperties'],
      },
    ],
    silent: [[put(`${monitor}/additionalProperties`, false)], [put(`${monitor}/additionalProperties`, true)]],
  },
  'response-type-widened': {
    reported: [
      {
        edits: [put(`${monitor}/properties/id/type`, ['integer', 'string'])],
        keys: ['response-type-widened schemas/Monitor /properties/id/type'],
      },
      {
        edits: [put(`${monitor}/properties/id/type`, 'number')],
        keys: ['response-type-widened schemas/Monitor /properties/id/type'],
      },
      {
        edits: [put(`${monitor}/properties/labels/additionalProperties`, true)],
        keys: ['response-type-widened schemas/Monitor /properties/labels/additionalProperties/type'],
      },
      {
        edits: [put(`${list}/200/headers/X-Total/schema/type`, 'string')],
        keys: ['response-type-widened monitors.list /responses/200/headers/x-total/schema/type'],
      },
    ],
    silent: [[put(`${monitor}/properties/uptime/type`, 'integer')]],
  },
  'response-became-nullable': {
    reported: [
      {
        edits: [put(`${monitor}/properties/name/type`, ['string', 'null'])],
        keys: ['response-became-nullable schemas/Monitor /properties/name'],
      },
      {
        edits: [
          put(`${monitor}/properties/children/items`, {
            oneOf: [{ $ref: '#/components/schemas/Monitor' }, { type: 'null' }],
          }),
        ],
        keys: ['response-became-nullable schemas/Monitor /properties/children/items'],
      },
    ],
    silent: [[put(`${schemas}/MonitorPage/properties/next/type`, 'string')]],
  },
  'response-values-unrestricted': {
    reported: [
      {
        edits: [drop(`${monitor}/properties/state/enum`)],
        keys: ['response-values-unrestricted schemas/Monitor /properties/state/enum'],
      },
      {
        edits: [put(`${monitor}/properties/state/x-extensible`, true)],
        keys: ['response-values-unrestricted schemas/Monitor /properties/state/enum'],
      },
    ],
    silent: [[drop(`${monitor}/properties/level/enum`)], [put(`${monitor}/properties/name/enum`, ['owl'])]],
  },
  'response-enum-value-added': {
    reported: [
      {
        edits: [put(`${monitor}/properties/state/enum/-`, 'paused')],
        keys: ['response-enum-value-added schemas/Monitor /properties/state/enum/paused'],
      },
      {
        edits: [put(`${schemas}/Ok/properties/ok`, { enum: [true, false] })],
        keys: ['response-enum-value-added schemas/Ok /properties/ok/const/false'],
      },
    ],
    silent: [[put(`${monitor}/properties/level/enum/-`, 'middle')], [drop(`${monitor}/properties/state/enum/1`)]],
  },
  'response-branch-added': {
    reported: [
      {
        edits: [put(`${monitor}/properties/result/oneOf/-`, { $ref: '#/components/schemas/Target' })],
        keys: ['response-branch-added schemas/Monitor /properties/result/oneOf/Target'],
      },
      {
        edits: [
          put(`${schemas}/MonitorPage/properties/items/items`, {
            oneOf: [{ $ref: '#/components/schemas/Monitor' }, { $ref: '#/components/schemas/Ok' }],
          }),
        ],
        keys: ['response-branch-added schemas/MonitorPage /properties/items/items/oneOf/Ok'],
      },
    ],
    silent: [[drop(`${monitor}/properties/result/oneOf/1`)]],
  },
  'response-bound-relaxed': {
    reported: [
      {
        edits: [put(`${monitor}/properties/name/maxLength`, 200)],
        keys: ['response-bound-relaxed schemas/Monitor /properties/name/maxLength'],
      },
    ],
    silent: [[put(`${monitor}/properties/name/maxLength`, 50)]],
  },
  'response-format-loosened': {
    reported: [
      {
        edits: [put(`${monitor}/properties/seen/format`, 'date')],
        keys: ['response-format-loosened schemas/Monitor /properties/seen/format'],
      },
      {
        edits: [drop(`${monitor}/properties/seen/format`)],
        keys: ['response-format-loosened schemas/Monitor /properties/seen/format'],
      },
    ],
    silent: [[put(`${monitor}/properties/name/pattern`, '^owl')]],
  },
  'discriminator-changed': {
    reported: [
      {
        edits: [
          drop(`${schemas}/Target/discriminator`),
          put(`${schemas}/Target/discriminator`, { propertyName: 'type' }),
        ],
        keys: ['discriminator-changed schemas/Target /discriminator'],
      },
    ],
    silent: [[put(`${schemas}/Target/discriminator/mapping`, { http: '#/components/schemas/HttpTarget' })]],
  },
} as const satisfies Record<string, RuleCases>
