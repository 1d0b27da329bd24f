import { checks } from './bench/checks.ts'
import { clientCost } from './bench/client.ts'
import { heartbeats } from './bench/heartbeats.ts'
import { monitorsList } from './bench/monitors-list.ts'
import { pipeline } from './bench/pipeline.ts'
import { starts } from './bench/starts.ts'

const benches: Readonly<Record<string, () => Promise<void>>> = {
  pipeline,
  starts,
  checks,
  heartbeats,
  'monitors-list': monitorsList,
  client: clientCost,
}

const [name] = process.argv.slice(2)
const chosen = name === undefined ? Object.values(benches) : [benches[name]]
for (const bench of chosen) {
  if (bench !== undefined) await bench()
  else {
    console.log(`npm run bench [-- NAME]\n  all of them, or one: ${Object.keys(benches).join(', ')}`)
    process.exitCode = name === '--help' ? 0 : 1
  }
}
