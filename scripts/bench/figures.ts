export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN
}

export function row(name: string, figure: string, detail = ''): void {
  console.log(`${name.padEnd(34)}${figure.padEnd(18)}${detail}`)
}
