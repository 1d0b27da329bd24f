import { inTemporaryFolder, type Proof, startScript } from './proof.ts'

/** A second process is refused and told who holds the folder; a killed holder leaves nothing to clean up. */
export const dataDirLock: Proof = {
  summary: 'only one process works in a data folder (20 runs)',
  short: 5,
  prove: (runs = 20) => inTemporaryFolder((folder) => tryAll(folder, runs)),
}

async function tryAll(folder: string, runs: number): Promise<boolean> {
  let refused = 0
  let taken = 0
  let slowestMs = 0
  for (let run = 0; run < runs; run++) {
    const holder = startScript('data-dir-holder', [folder])
    await holder.line('locked')
    const second = startScript('data-dir-holder', [folder])
    const answer = await second.line('')
    if (answer.startsWith('refused:') && answer.includes(`in use by process ${holder.child.pid} on `)) refused += 1
    else console.log(`run ${run + 1}: ${answer}`)
    second.child.kill()
    await second.ended

    holder.child.kill('SIGKILL')
    await holder.ended
    const started = performance.now()
    const next = startScript('data-dir-holder', [folder])
    if ((await next.line('')) === 'locked') taken += 1
    slowestMs = Math.max(slowestMs, performance.now() - started)
    next.child.kill('SIGKILL')
    await next.ended
  }
  console.log(`${refused} of ${runs} second processes were refused with the holder's name`)
  console.log(`${taken} of ${runs} starts after kill -9 got the folder, the slowest in ${Math.round(slowestMs)} ms`)
  return refused === runs && taken === runs
}
