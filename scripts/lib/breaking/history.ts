import { execFileSync, spawnSync } from 'node:child_process'

export class NoHistory extends Error {}

const largestFile = 64 * 1024 * 1024

function git(folder: string, ...words: string[]): string {
  return execFileSync('git', words, { cwd: folder, encoding: 'utf8', maxBuffer: largestFile, stdio: 'pipe' })
}

function commitOf(folder: string, name: string): string | undefined {
  const words = ['rev-parse', '--verify', '--quiet', '--end-of-options', `${name}^{commit}`]
  const found = spawnSync('git', words, { cwd: folder, encoding: 'utf8' })
  return found.status === 0 ? found.stdout.trim() : undefined
}

function mergeBase(folder: string, head: string, other: string): string | undefined {
  const found = spawnSync('git', ['merge-base', head, other], { cwd: folder, encoding: 'utf8' })
  return found.status === 0 ? found.stdout.trim() : undefined
}

export function rootOf(folder: string): string {
  return git(folder, 'rev-parse', '--show-toplevel').trim()
}

/**
 * The commit whose document callers rely on: where this branch left `wanted` or main. On main itself that is the commit
 * before, so that what main gains is judged too. Undefined: there is no earlier commit at all.
 */
export function baseCommit(folder: string, wanted: string | undefined): string | undefined {
  const head = commitOf(folder, 'HEAD')
  if (head === undefined) return undefined
  const name = wanted ?? ['origin/main', 'main'].find((candidate) => commitOf(folder, candidate) !== undefined)
  const tip = name === undefined ? head : commitOf(folder, name)
  if (tip === undefined) throw new NoHistory(`there is no commit ${name}`)
  const base = mergeBase(folder, head, tip)
  const isShallow = git(folder, 'rev-parse', '--is-shallow-repository').trim() === 'true'
  if (base === undefined) throw new NoHistory(`HEAD and ${name} have no common commit${isShallow ? ' here' : ''}`)
  if (base !== head || wanted !== undefined) return base
  const before = commitOf(folder, 'HEAD~1')
  if (before === undefined && isShallow) {
    throw new NoHistory('the commit before HEAD was not fetched: this is a shallow clone')
  }
  return before
}

/** A file as it was in a commit, or undefined where the commit does not have it. */
export function fileAt(folder: string, commit: string, path: string): string | undefined {
  if (git(folder, 'ls-tree', '--name-only', commit, '--', path).trim() === '') return undefined
  return git(folder, 'show', `${commit}:${path}`)
}
