import { operation } from '../operation.ts'
import { anyone } from '../policy.ts'
import { integerId, z } from '../primitives.ts'

export const badges = {
  get: operation({
    method: 'get',
    path: '/api/v1/badge/monitors/{id}.svg',
    summary: 'A monitor’s badge',
    description:
      'An SVG image for other sites, with `up`, `degraded`, `down`, `paused` or, before the first check, `unknown`. Only for monitors on a public status page without a password or a list of addresses.',
    origin: '24observe',
    access: anyone,
    limit: 'api',
    params: z.strictObject({ id: integerId.openapi({ description: 'The id of the monitor.' }) }),
    success: {
      status: 200,
      description: 'The badge.',
      texts: ['image/svg+xml'],
      headers: { 'Cache-Control': 'For a minute, by everybody.' },
    },
    otherwise: { status: 404, description: 'No such badge: an image that says `unknown`.', text: 'image/svg+xml' },
    errors: [],
    revalidates: true,
    anyOrigin: true,
  }),
}
