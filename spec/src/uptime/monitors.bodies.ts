import { z } from '../primitives.ts'
import {
  monitorId,
  monitorInterval,
  monitorName,
  monitorSettings,
  monitorTypes,
  monitorUrl,
} from './monitors.schemas.ts'

const createExample = {
  name: 'Shop',
  url: 'https://shop.example.com/health',
  type: 'https',
  intervalSec: 60,
  alertEmail: 'ada@example.com',
  alertThreshold: 2,
  tags: ['production', 'shop'],
}

export const MonitorCreate = z
  .strictObject({
    name: monitorName,
    url: monitorUrl,
    type: z.enum(monitorTypes).openapi({
      description:
        '`http` and `https` ask for the URL, `keyword` looks into the page too. `tcp` and `port` connect. `ssl` judges the whole chain of certificates. `ping` sends ICMP; where the service may not, it knocks at TCP port 443, and the result says so. `dns` asks for A records, or as in `dns://example.com?type=MX` for others. `smtp` waits for a greeting with 220. `heartbeat` waits to be called.',
    }),
    intervalSec: monitorInterval.optional(),
    ...monitorSettings,
  })
  .openapi('MonitorCreate', {
    description: 'A monitor to be. What is left out gets its default: `intervalSec` 300, `regions` `["local"]`.',
    example: createExample,
  })

export const MonitorUpdate = z
  .strictObject({
    name: monitorName.optional(),
    url: monitorUrl.optional(),
    intervalSec: monitorInterval.optional(),
    ...monitorSettings,
  })
  .openapi('MonitorUpdate', {
    description: 'What shall change: at least one field. `null` clears. The type of a monitor never changes.',
    example: {
      intervalSec: 300,
      alertSlackUrl: 'https://hooks.slack.com/services/T0/B0/secret',
      keyword: null,
      dependsOn: [],
    },
  })

const ids = z
  .array(monitorId)
  .min(1)
  .max(100)
  .openapi({ description: 'The ids of monitors; one named twice counts once.' })

export const MonitorBulkCreate = z
  .strictObject({ monitors: z.array(MonitorCreate).min(1).max(100) })
  .openapi('MonitorBulkCreate', {
    description: 'Monitors to be created together: all of them or none.',
    example: { monitors: [{ ...createExample, name: 'Blog', url: 'https://blog.example.com/' }] },
  })

const MonitorBulkPatch = z
  .strictObject({ url: monitorUrl.optional(), intervalSec: monitorInterval.optional(), ...monitorSettings })
  .openapi('MonitorBulkPatch', {
    description: 'What shall change in every one of them. Names are unique, so a name cannot be given to several.',
    example: { paused: true },
  })

export const MonitorBulkUpdate = z.strictObject({ ids, patch: MonitorBulkPatch }).openapi('MonitorBulkUpdate', {
  description: 'One change of several monitors: of all of them or of none.',
  example: { ids: [41, 42], patch: { paused: true } },
})

export const MonitorBulkDelete = z.strictObject({ ids }).openapi('MonitorBulkDelete', {
  description: 'Monitors to be deleted together: all of them or none.',
  example: { ids: [41, 42] },
})
