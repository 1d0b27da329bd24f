import { expect, test } from 'vitest'
import { measureWidth, widthInOperations } from '../../scripts/lib/width.ts'

const mostSecondsToCheck = 15
const mostSecondsToEmit = 5

/** The limits hold for the whole way: starting the compiler, reading the libraries, checking. */
test('240 operations with their handlers are type-checked and emitted quickly', { timeout: 60_000 }, async () => {
  expect(widthInOperations).toBe(240)
  const width = await measureWidth()
  expect(width.typeCheck.ok, width.typeCheck.output.slice(0, 2000)).toBe(true)
  expect(width.operations).toBe(widthInOperations)
  const { typeCheckMs, emitMs, documentBytes } = width
  const { instantiations } = width.typeCheck
  console.log(
    `240 operations: type-checked in ${(typeCheckMs / 1000).toFixed(1)} s (${instantiations} instantiations), ` +
      `emitted in ${(emitMs / 1000).toFixed(1)} s (${documentBytes} bytes)`,
  )
  expect(typeCheckMs).toBeLessThan(mostSecondsToCheck * 1000)
  expect(emitMs).toBeLessThan(mostSecondsToEmit * 1000)
})
