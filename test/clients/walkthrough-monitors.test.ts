import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { object } from '../support/document.ts'
import { freshFolder, freshServer, needsProgram, outputOf, ownerToken, run } from './program.ts'
import { curl, prepareShell, sample } from './published.ts'

/** "Create a monitor", the walkthrough that 24observe publishes in three languages. */

const server = await freshServer()
const folder = await freshFolder()
beforeAll(() => prepareShell(folder))

const owner = { url: server.url, token: ownerToken }

async function monitor(id: number): Promise<unknown> {
  const answer = await fetch(`${server.url}/api/v1/monitors/${id}`, {
    headers: { authorization: `Bearer ${ownerToken}` },
  })
  expect(answer.status).toBe(200)
  return answer.json()
}

/** The samples all create a monitor of the same name, which only one monitor can have. */
async function removeMonitor(id: number): Promise<void> {
  const headers = { authorization: `Bearer ${ownerToken}` }
  const answer = await fetch(`${server.url}/api/v1/monitors/${id}`, { method: 'DELETE', headers })
  expect(answer.status).toBe(204)
}

const asAsked = {
  name: 'example.com homepage',
  url: 'https://example.com',
  type: 'https',
  intervalSec: 60,
  timeoutMs: 10000,
}

test('a monitor is created with curl; the channel is told, its address is not', async (context) => {
  await needsProgram(context, 'curl')
  const [created] = await curl(folder, 'create-monitor.sh', owner)
  expect(created?.status).toBe(201)
  expect(created?.body).toMatchObject({ ...asAsked, hasAlertSlack: true })
  expect(JSON.stringify(created?.body)).not.toContain('hooks.slack.com')
  const { id } = object(created?.body)
  expect(await monitor(Number(id))).toMatchObject({ ...asAsked, id, hasAlertSlack: true })
  await removeMonitor(Number(id))
})

const languages = [
  { language: 'TypeScript with fetch', program: 'node', file: 'create-monitor.ts.txt', name: 'create-monitor.ts' },
  { language: 'Python with urllib', program: 'python3', file: 'create-monitor.py', name: 'create-monitor.py' },
]

describe.each(languages)('a monitor, in $language', ({ program, file, name }) => {
  test('is created; a second of its name is refused with the code that the program prints', async (context) => {
    await needsProgram(context, program)
    await writeFile(join(folder, name), await sample(file, owner))
    const how = { cwd: folder, env: { OBSERVE24_PAT: ownerToken } }
    const id = Number(/^created monitor (\d+)$/m.exec(await outputOf(program, [name], how))?.[1])
    expect(await monitor(id)).toMatchObject({ ...asAsked, id, alertEmail: 'ops@example.com' })
    const again = await run(program, [name], how)
    expect(again.code).not.toBe(0)
    expect(again.stderr).toContain('409 MONITOR_NAME_DUPLICATE: ')
    await removeMonitor(id)
  })
})
