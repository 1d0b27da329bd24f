import { execFile } from 'node:child_process'
import { copyFile, mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

const root = fileURLToPath(new URL('../../../', import.meta.url))

/**
 * Builds the folder that is published. It has a manifest of its own: within this repository `@owlery/client` is its
 * TypeScript source, outside it is JavaScript with declarations, and npm knows no such switch.
 */
export async function buildClient(folder: string): Promise<void> {
  await rm(folder, { recursive: true, force: true })
  await mkdir(folder, { recursive: true })
  const compiler = join(root, 'client/node_modules/typescript/bin/tsc')
  await promisify(execFile)(process.execPath, [
    compiler,
    '-p',
    join(root, 'client/tsconfig.build.json'),
    '--outDir',
    folder,
  ])
  const manifest: Record<string, unknown> = JSON.parse(await readFile(join(root, 'client/package.json'), 'utf8'))
  const { name, version, license, description, type, sideEffects, engines } = manifest
  const exports = { '.': { types: './index.d.ts', default: './index.js' }, './package.json': './package.json' }
  const published = { name, version, license, description, type, sideEffects, engines, exports }
  await writeFile(join(folder, 'package.json'), `${JSON.stringify(published, null, 2)}\n`)
  await copyFile(join(root, 'client/README.md'), join(folder, 'README.md'))
  await copyFile(join(root, 'LICENSE'), join(folder, 'LICENSE'))
}

if (import.meta.main) await buildClient(join(root, 'client/dist'))
