import { expect, test } from 'vitest'
import { measureWidth, widthInOperations } from '../../scripts/lib/width.ts'

const mostSecondsToCheck = 15
const mostSecondsToEmit = 5

/** The limits hold for the whole way: starting the compiler, reading the libraries, checking. */
test('240 operations with their handlers are type-checked and emitted quickly', { timeout: 120_000 }, async () => {
  expect(widthInOperations).toBe(240)
  const { typeCheck, operations, documentBytes, emitCpuSeconds } = await measureWidth()
  expect(typeCheck.ok, typeCheck.output.slice(0, 2000)).toBe(true)
  expect(operations).toBe(widthInOperations)
  console.log(
    `240 operations: type-checked in ${typeCheck.cpuSeconds.toFixed(1)} s of CPU time ` +
      `(${typeCheck.instantiations} instantiations), emitted in ${emitCpuSeconds.toFixed(1)} s (${documentBytes} bytes)`,
  )
  // Never less than the time on the wall of an idle machine, so the limits are at least as strict as that.
  expect(typeCheck.cpuSeconds).toBeLessThan(mostSecondsToCheck)
  expect(emitCpuSeconds).toBeLessThan(mostSecondsToEmit)
})
