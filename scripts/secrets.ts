import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { type Config, readConfig, wantsHelp } from '@owlery/server/config.ts'
import { connect, type Database } from '@owlery/server/db/connect.ts'
import { DataDirInUse, lockDataDir } from '@owlery/server/db/lock.ts'
import { rotateSecrets } from '@owlery/server/security/rotation.ts'
import { readKeyUse } from '@owlery/server/security/rotation-status.ts'
import { createSecretBox } from '@owlery/server/security/secrets.ts'

const help = `Usage: npm run secrets -- status | rotate

  status   counts the stored secrets by the id of the key that sealed them
  rotate   seals everything anew that another key than the first one has sealed

It reads the same settings as the server: DATABASE_URL, DATA_DIR, ENCRYPTION_KEYS, ENCRYPTION_KEY.
ENCRYPTION_KEY alone is the key with the id "default".

To replace a key without a pause:

  1. Let every process know the new key, the old one still first, and restart them one by one:
       ENCRYPTION_KEYS=default:OLD,k2:NEW      (in place of ENCRYPTION_KEY; skip this with a single process)
  2. Put the new key first, and restart them one by one:
       ENCRYPTION_KEYS=k2:NEW,default:OLD
  3. npm run secrets -- rotate
     The service goes on meanwhile. It may be cut short, run again, and run twice at once. Every row is replaced only
     if it has not changed in between; a change with If-Match of a row that is replaced in that very moment may answer 412.
  4. npm run secrets -- status
     Mails that wait to be sent (jobs.job.data) are not rotated: they are sent or dropped within a day.
  5. Once only the new key is left, take the old one out of the settings.

The embedded database admits one process, so there the server does steps 3 and 4 itself, at each start with more than
one key; it logs what it did. With the server stopped, this command does the same. Its generated key stands in
secrets.json of DATA_DIR, as encryptionKey; name it default.
`

async function main(): Promise<number> {
  const [command, ...others] = process.argv.slice(2)
  if (wantsHelp(process.argv) || others.length > 0 || (command !== 'rotate' && command !== 'status')) {
    console.log(help)
    return wantsHelp(process.argv) ? 0 : 1
  }
  const outcome = readConfig(process.env, [])
  if (!outcome.ok) {
    for (const fault of outcome.faults) console.error(fault)
    return 1
  }
  const { database, close } = await open(outcome.config)
  try {
    return command === 'status' ? await showStatus(database) : await rotate(database, outcome.config)
  } finally {
    await close()
  }
}

async function open(config: Config): Promise<{ database: Database; close: () => Promise<void> }> {
  if (config.database.url !== undefined) {
    const database = await connect({ kind: 'postgres', url: config.database.url, poolSize: 2 })
    return { database, close: () => database.close() }
  }
  const dataDir = join(config.dataDir, 'pgdata')
  if (!existsSync(dataDir)) throw new Error(`there is no database in ${config.dataDir}`)
  const lock = lockDataDir(config.dataDir)
  const database = await connect({ kind: 'pglite', dataDir })
  return {
    database,
    close: async () => {
      await database.close()
      lock.release()
    },
  }
}

async function showStatus({ db }: Database): Promise<number> {
  for (const { column, byKeyId } of await readKeyUse(db)) {
    const counts = [...byKeyId].sort().map(([keyId, count]) => `${keyId} ${count}`)
    console.log(`${column.padEnd(52)}${counts.join(', ') || 'none'}`)
  }
  return 0
}

async function rotate({ db }: Database, { encryptionKeys }: Config): Promise<number> {
  const secrets = await createSecretBox(encryptionKeys)
  console.log(`sealing with the key ${encryptionKeys[0].id}`)
  let stopping = false
  process.once('SIGINT', () => {
    stopping = true
  })
  const reports = await rotateSecrets({
    db,
    secrets,
    isStopping: () => stopping,
    onTable: ({ table, envelopes, rotated, unreadable }) => {
      console.log(`${table.padEnd(52)}${rotated} of ${envelopes} sealed anew`)
      for (const place of unreadable) console.error(`  no key opens ${place}`)
    },
  })
  if (stopping) console.log('cut short; run it again to go on')
  return stopping || reports.some(({ unreadable }) => unreadable.length > 0) ? 1 : 0
}

main().then(
  (code) => {
    process.exitCode = code
  },
  (error: unknown) => {
    if (error instanceof DataDirInUse) console.error(`${error.message}: it rotates by itself, see --help`)
    else console.error(error instanceof Error ? error.message : error)
    process.exitCode = 1
  },
)
