import { readOrCreateSecrets } from './generated-secrets.ts'
import type { NamedKey } from './parsers.ts'

/** The first encrypts, every one decrypts. */
export type EncryptionKeys = readonly [NamedKey, ...NamedKey[]]

export type GivenSecrets = {
  readonly jwtSecret: string | undefined
  readonly encryptionKey: string | undefined
  readonly encryptionKeys: readonly NamedKey[]
}

export type SettledSecrets =
  | { readonly jwtSecret: string; readonly encryptionKeys: EncryptionKeys; readonly warnings: readonly string[] }
  | { readonly faults: readonly string[] }

/** What is not given comes from the file in `dataDir`, which is only made or opened when something is missing. */
export function settleSecrets(given: GivenSecrets, dataDir: string): SettledSecrets {
  const warnings: string[] = []
  let { jwtSecret } = given
  const named = given.encryptionKey === undefined ? [] : [{ id: 'default', key: given.encryptionKey }]
  const [head, ...others] = [...given.encryptionKeys, ...named]
  let first = head
  if (jwtSecret === undefined || first === undefined) {
    const file = readOrCreateSecrets(dataDir)
    if ('fault' in file) return { faults: [file.fault] }
    warnings.push(...file.warnings)
    jwtSecret ??= file.secrets.jwtSecret
    first ??= { id: 'default', key: file.secrets.encryptionKey }
  }
  const encryptionKeys: EncryptionKeys = [first, ...others]
  const faults = collisions(jwtSecret, encryptionKeys)
  return faults.length > 0 ? { faults } : { jwtSecret, encryptionKeys, warnings }
}

function collisions(jwtSecret: string, keys: EncryptionKeys): string[] {
  const faults: string[] = []
  if (new Set(keys.map(({ id }) => id)).size < keys.length) {
    faults.push('ENCRYPTION_KEYS must name each id once; ENCRYPTION_KEY has the id default')
  }
  if (keys.some(({ key }) => key === jwtSecret)) faults.push('JWT_SECRET must differ from every encryption key')
  return faults
}
