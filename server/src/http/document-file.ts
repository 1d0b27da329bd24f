import { readFileSync } from 'node:fs'

/** The committed contract, byte for byte; nothing is built or parsed while the server runs. */
export const documentYaml = readFileSync(new URL('../../../openapi.yaml', import.meta.url))
export const documentJson = readFileSync(new URL('../../../spec/openapi.json', import.meta.url))
