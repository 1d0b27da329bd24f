import { setTimeout } from 'node:timers/promises'
import { DataDirInUse, lockDataDir } from '@owlery/server/db/lock.ts'

const [dataDir = ''] = process.argv.slice(2)
try {
  lockDataDir(dataDir)
  console.log('locked')
  await setTimeout(60_000)
} catch (error) {
  if (!(error instanceof DataDirInUse)) throw error
  console.log(`refused: ${error.message}`)
}
