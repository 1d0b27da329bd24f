import { chmod, mkdir, readFile, writeFile } from 'node:fs/promises'
import { delimiter, join } from 'node:path'
import { outputOf } from './program.ts'

/**
 * The samples as 24observe publishes them, run against ours. Only what a reader has to fill in is changed: the address,
 * the token, the id, and the moment at which a token ends, which must lie ahead.
 */

export type Answer = { readonly status: number; readonly headers: Headers; readonly body: unknown }

type Blanks = { readonly url: string; readonly token: string; readonly id?: number }

export function endOfNextYear(): string {
  return `${new Date().getUTCFullYear() + 1}-12-31T00:00:00Z`
}

export async function sample(name: string, { url, token, id }: Blanks): Promise<string> {
  const text = await readFile(new URL(`./walkthrough/${name}`, import.meta.url), 'utf8')
  return text
    .replaceAll('https://api.24observe.com', url)
    .replaceAll(/obs_(existing)?\.\.\./g, token)
    .replaceAll('/42', `/${id ?? 42}`)
    .replaceAll('2027-01-01T00:00:00Z', endOfNextYear())
}

/** A folder in which the shell finds what the samples take for granted. */
export async function prepareShell(folder: string): Promise<void> {
  // So that curl tells the status and the headers although the samples do not ask for them.
  await writeFile(join(folder, '.curlrc'), 'silent\nshow-error\ninclude\nwrite-out = "\\n"\n')
  await mkdir(join(folder, 'bin'))
  const uuidgen = `#!${process.execPath}\nconsole.log(crypto.randomUUID())\n`
  await writeFile(join(folder, 'bin', 'uuidgen'), uuidgen)
  await chmod(join(folder, 'bin', 'uuidgen'), 0o755)
}

/** The answers to the calls that the sample makes with curl. */
export async function curl(folder: string, name: string, blanks: Blanks): Promise<Answer[]> {
  const PATH = [process.env.PATH, join(folder, 'bin')].join(delimiter)
  const output = await outputOf('/bin/sh', ['-e', '-c', await sample(name, blanks)], { cwd: folder, env: { PATH } })
  return output
    .split(/^HTTP\/1\.1 /m)
    .slice(1)
    .map(readAnswer)
}

function readAnswer(text: string): Answer {
  const end = text.indexOf('\r\n\r\n')
  const [status = '', ...lines] = text.slice(0, end).split('\r\n')
  const headers = lines.map((line): [string, string] => [
    line.slice(0, line.indexOf(':')),
    line.slice(line.indexOf(':') + 1).trim(),
  ])
  const body = text.slice(end + 4).trim()
  return {
    status: Number.parseInt(status, 10),
    headers: new Headers(headers),
    body: body === '' ? null : JSON.parse(body),
  }
}
