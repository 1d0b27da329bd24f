import { expect, test } from 'vitest'
import { operations } from '../support/document.ts'
import { freshService } from '../support/service.ts'

const service = await freshService()

/** `/tokens/:id` → `/tokens/{id}`, as the document writes it. */
function documented(pattern: string): string {
  return pattern.replaceAll(/:(\w+)(?:\{[^}]*\\(\.\w+)\})?/g, '{$1}$2')
}

test('the app routes exactly what the document lists, once', () => {
  const routed = service.app.routes.map(({ method, path }) => `${method} ${documented(path)}`)
  // The router finds what answers HEAD alone as a GET.
  const listed = operations.map(({ method, path }) => `${method === 'HEAD' ? 'GET' : method} ${path}`)
  expect(routed.sort()).toEqual(listed.sort())
})

test('every documented address is reached, and what stands beside it is not', async () => {
  for (const { method, path } of operations) {
    const address = `http://owlery.test${path.replaceAll(/\{\w+\}/g, '1')}`
    const answer = await service.app.request(address, { method })
    expect(answer.status, `${method} ${path}`).not.toBe(405)
    const beside = await service.app.request(`${address}/beside/all/others`, { method })
    expect(beside.status, `${method} ${path}/beside/all/others`).toBe(404)
    if (method !== 'HEAD') expect(await beside.json()).toMatchObject({ code: 'NOT_FOUND' })
    const wrong = await service.app.request(address, { method: 'PROPFIND' })
    expect(wrong.status).toBe(405)
    expect(wrong.headers.get('allow')?.split(', ')).toContain(method)
  }
})
