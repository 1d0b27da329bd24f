import { randomBytes } from 'node:crypto'
import {
  chmodSync,
  closeSync,
  fsyncSync,
  linkSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs'
import { join } from 'node:path'

export type GeneratedSecrets = { readonly jwtSecret: string; readonly encryptionKey: string }
export type SecretsFile =
  | { readonly secrets: GeneratedSecrets; readonly warnings: readonly string[] }
  | { readonly fault: string }

const secretsFileName = 'secrets.json'

/** The secrets of an installation with the embedded database: made once, kept beside the data they protect. */
export function readOrCreateSecrets(dataDir: string): SecretsFile {
  const path = join(dataDir, secretsFileName)
  try {
    mkdirSync(dataDir, { recursive: true, mode: 0o700 })
    const existing = readIfThere(path)
    if (existing === undefined) createSecrets(path)
    const warnings = closeToOthers(path)
    const secrets = parseSecrets(existing ?? readFileSync(path, 'utf8'))
    // A new pair would lock the owner out of everything that the lost one encrypted, so a broken file is not replaced.
    return secrets === undefined
      ? { fault: `${path} holds no usable secrets: restore it from a backup, or set JWT_SECRET and ENCRYPTION_KEY` }
      : { secrets, warnings }
  } catch (error) {
    return {
      fault: `DATA_DIR: cannot keep secrets in ${path}: ${error instanceof Error ? error.message : String(error)}`,
    }
  }
}

function readIfThere(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined
    throw error
  }
}

/** Appears under its name whole or not at all, and never replaces what another process put there first. */
function createSecrets(path: string): void {
  const secrets: GeneratedSecrets = {
    jwtSecret: randomBytes(64).toString('base64url'),
    encryptionKey: randomBytes(48).toString('base64url'),
  }
  const draft = `${path}.${randomBytes(6).toString('hex')}`
  const file = openSync(draft, 'wx', 0o600)
  try {
    writeSync(file, `${JSON.stringify(secrets, null, 2)}\n`)
    fsyncSync(file)
  } finally {
    closeSync(file)
  }
  try {
    linkSync(draft, path)
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined
    // Some network and FAT file systems have no hard links.
    if (code !== 'EEXIST') renameSync(draft, path)
  } finally {
    rmSync(draft, { force: true })
  }
}

function closeToOthers(path: string): string[] {
  if (process.platform === 'win32' || (statSync(path).mode & 0o077) === 0) return []
  chmodSync(path, 0o600)
  return [`${path} was open to other users of this machine; its mode is now 600`]
}

function parseSecrets(text: string): GeneratedSecrets | undefined {
  try {
    const { jwtSecret, encryptionKey }: { jwtSecret?: unknown; encryptionKey?: unknown } = JSON.parse(text) ?? {}
    const usable =
      typeof jwtSecret === 'string' &&
      jwtSecret.length >= 64 &&
      typeof encryptionKey === 'string' &&
      encryptionKey.length >= 32
    return usable ? { jwtSecret, encryptionKey } : undefined
  } catch {
    return undefined
  }
}
