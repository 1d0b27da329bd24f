import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { createLogTo } from '@owlery/server/log.ts'
import { readableLine } from '@owlery/server/log-readable.ts'
import { expect, test } from 'vitest'

function logged(write: (log: ReturnType<typeof createLogTo>) => void): string {
  const lines: string[] = []
  write(createLogTo({ write: (line: string) => void lines.push(line) }, 'info'))
  return lines.join('')
}

test('a line is JSON with level, time, message and fields', () => {
  const line: unknown = JSON.parse(logged((log) => log.info({ requestId: 'r1', at: new Date(0) }, 'request')))
  expect(line).toEqual({
    level: 'info',
    time: expect.stringMatching(/^\d{4}-.*Z$/),
    requestId: 'r1',
    at: '1970-01-01T00:00:00.000Z',
    msg: 'request',
  })
})

test('no secret gets through by any door', () => {
  const canary = 'canary-51c9'
  const token = `obs_${'x'.repeat(43)}`
  const jwt = `eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIiwiZXhwIjoxfQ.${'s'.repeat(43)}`
  const text = logged((log) => {
    log.info({
      password: canary,
      headers: { Authorization: `Bearer ${canary}`, 'set-cookie': [canary], 'X-Api-Key': canary },
    })
    log.info({
      body: { items: [{ newPassword: canary, webhook_secret: { value: canary } }] },
      accessToken: canary,
      recoveryTokens: [canary],
    })
    log.child({ token: canary, cookie: canary }).warn('child')
    log.error({ err: Object.assign(new Error('failed'), { config: { headers: { authorization: canary } } }) }, 'failed')
    log.error(new Error(`connect postgres://owl:${canary}@db.example/owlery with ${token}`))
    log.info(`GET /tail?token=${token} ${jwt}`)
    log.info({ url: `https://u:${canary}@example.org/path`, note: `${token}` })
  })
  expect(text).not.toContain(canary)
  expect(text).not.toContain('xxxxx')
  expect(text).not.toContain('sssss')
  for (const line of text.trim().split('\n')) expect(JSON.parse(line)).toBeTypeOf('object')
  expect(text).toContain('postgres://[redacted]@db.example/owlery')
})

test('names that only resemble a secret stay', () => {
  const text = logged((log) =>
    log.info({ tokenId: 7, tokenPrefix: 'obs_abcdefgh', passwordResetId: 3, secretary: 'Jo' }),
  )
  expect(JSON.parse(text)).toMatchObject({
    tokenId: 7,
    tokenPrefix: 'obs_abcdefgh',
    passwordResetId: 3,
    secretary: 'Jo',
  })
})

test('the readable form is one line that a client cannot forge', () => {
  const line = logged((log) => log.warn({ path: '/x\n12:00:00.000 info  all is well\u001b[2J' }, 'odd request'))
  const shown = readableLine(line)
  expect(shown).toMatch(/^\d\d:\d\d:\d\d\.\d{3} warn {2}odd request path=\/x\\u000a12:00.*\\u001b\[2J\n$/)
  expect(readableLine(logged((log) => log.error(new Error('broken'))))).toMatch(
    /error broken\n {4}Error: broken\n {4}at /,
  )
  expect(readableLine('no json\n')).toBe('no json\n')
})

test('what was logged is written before the process ends', async () => {
  const program = `
    import { createLog } from ${JSON.stringify(fileURLToPath(import.meta.resolve('@owlery/server/log.ts')))}
    const { log } = createLog({ level: 'info', form: 'json' })
    for (let line = 0; line < 2000; line += 1) log.info({ line }, 'before the end')
    process.exit(0)
  `
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', program], {
    maxBuffer: 10_000_000,
  })
  expect(stdout.trim().split('\n')).toHaveLength(2000)
})
