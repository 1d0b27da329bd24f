import { execFileSync, spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { stringify } from 'yaml'
import { baseDocument, drop, type Edit, edited, put } from './document-edits.ts'

const script = fileURLToPath(new URL('../../../scripts/check-breaking.ts', import.meta.url))
const author = ['-c', 'user.name=Owl', '-c', 'user.email=owl@owls.example', '-c', 'commit.gpgsign=false']

/** Without the caller's git settings: a commit hook sets some, and a person's own may refuse or sign. */
const environment = {
  ...Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('GIT_'))),
  GIT_CONFIG_GLOBAL: '/dev/null',
  GIT_CONFIG_NOSYSTEM: '1',
}

const removal = drop('/components/schemas/Monitor/properties/uptime')
const removalLine = 'response-property-removed schemas/Monitor /properties/uptime'
const newRoute = put('/paths/~1owls', {
  get: { operationId: 'owls.list', security: [], responses: { '204': { description: 'None.' } } },
})

let folder = ''

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'check-breaking-'))
  git('init', '--quiet', '--initial-branch=main')
  commit({ 'README.md': 'Owls\n' })
})

afterEach(() => {
  rmSync(folder, { recursive: true, force: true })
})

function git(...words: string[]): void {
  execFileSync('git', [...author, ...words], { cwd: folder, env: environment, stdio: 'pipe' })
}

function write(files: Readonly<Record<string, string>>): void {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true })
    writeFileSync(join(folder, path), text)
  }
}

function commit(files: Readonly<Record<string, string>>): void {
  write(files)
  git('add', '--all')
  git('commit', '--quiet', '--message', 'A step')
}

function document(...edits: Edit[]): Readonly<Record<string, string>> {
  return { 'openapi.yaml': stringify(edits.length === 0 ? baseDocument() : edited(edits)) }
}

function approvals(...lines: string[]): Readonly<Record<string, string>> {
  return { 'spec/approved-changes.txt': `${lines.join('\n')}\n` }
}

function check(...words: string[]): { status: number | null; output: string } {
  const ended = spawnSync(process.execPath, [script, ...words], { cwd: folder, env: environment, encoding: 'utf8' })
  return { status: ended.status, output: ended.stdout + ended.stderr }
}

describe('check-breaking', () => {
  it('has nothing to say before there is a document or an earlier commit', () => {
    expect(check()).toMatchObject({ status: 0, output: expect.stringContaining('no earlier commit') })
    commit(document())
    expect(check()).toMatchObject({ status: 0, output: expect.stringContaining('nothing to break') })
  })

  it('compares main with the commit before, and passes with an approval that has a reason', () => {
    commit(document())
    commit(document(removal))
    const refused = check()
    expect(refused).toMatchObject({ status: 1, output: expect.stringContaining(`${removalLine}  # REASON`) })
    expect(refused.output).toContain('reached by: monitors.list, monitors.create, monitors.get')

    write(approvals(`${removalLine}  # REASON`))
    expect(check()).toMatchObject({ status: 1, output: expect.stringContaining('gives no reason of its own') })
    write(approvals(`${removalLine}  # it was never filled`))
    expect(check()).toMatchObject({ status: 0, output: expect.stringContaining('0 breaking, 1 approved') })
  })

  it('sees what is not committed yet', () => {
    commit(document())
    commit({ 'README.md': 'Owls and more\n' })
    expect(check().status).toBe(0)
    write(document(removal))
    expect(check().status).toBe(1)
    rmSync(join(folder, 'openapi.yaml'))
    expect(check()).toMatchObject({ status: 1, output: expect.stringContaining('npm run generate') })
  })

  it('compares a branch with where it left main, so that what main gained since is not missed', () => {
    commit(document())
    git('switch', '--quiet', '--create', 'branch')
    commit({ 'README.md': 'A branch\n' })
    git('switch', '--quiet', 'main')
    commit(document(newRoute))
    git('switch', '--quiet', 'branch')
    expect(check().status).toBe(0)
    commit(document(removal))
    commit({ 'README.md': 'A second commit\n' })
    expect(check()).toMatchObject({ status: 1, output: expect.stringContaining(removalLine) })
    expect(check('main').status).toBe(1)
    expect(check('HEAD').status).toBe(0)
  })

  it('prefers the main of the remote to a main that was left behind', () => {
    commit(document())
    git('switch', '--quiet', '--create', 'branch')
    commit(document(removal))
    git('update-ref', 'refs/remotes/origin/main', 'HEAD')
    commit({ 'README.md': 'A branch\n' })
    expect(check().status).toBe(0)
    git('update-ref', '-d', 'refs/remotes/origin/main')
    expect(check().status).toBe(1)
  })

  it('refuses a new approval that fits nothing, and leaves those of the past alone', () => {
    commit({ ...document(), ...approvals(`${removalLine}  # an older break`) })
    commit({ 'README.md': 'More\n' })
    expect(check().status).toBe(0)
    write(approvals(`${removalLine}  # an older break`, 'operation-removed monitors.list /  # not so'))
    expect(check()).toMatchObject({ status: 1, output: expect.stringContaining('is not there') })
  })

  it('says that it could not compare rather than passing', () => {
    commit(document())
    commit({ 'README.md': 'More\n' })
    expect(check('nowhere')).toMatchObject({ status: 2, output: expect.stringContaining('no commit nowhere') })
    expect(check('--help').status).toBe(2)
    write({ 'openapi.yaml': 'paths: {\n' })
    expect(check()).toMatchObject({ status: 2, output: expect.stringContaining('Cannot compare') })
    write({ 'openapi.yaml': 'paths: []\n' })
    expect(check().status).toBe(2)
  })

  it('does not take a shallow clone for a first commit', () => {
    commit(document())
    commit(document(removal))
    const clone = join(folder, 'clone')
    git('clone', '--quiet', '--depth=1', `file://${folder}`, clone)
    folder = clone
    expect(check()).toMatchObject({ status: 2, output: expect.stringContaining('shallow') })
    folder = dirname(clone)
  })
})
