import { commonPasswords, commonWords } from './common-passwords.ts'

const passwordLength = { least: 10, most: 256 } as const

/**
 * Says what is wrong with a new password, or nothing. Length and a block list, no rules about kinds of characters
 * (NIST SP 800-63B). `words` are what belongs to the account: its e-mail address, its name, its organization.
 */
export function passwordFault(password: string, words: readonly string[] = []): string | undefined {
  const length = [...password].length
  if (length < passwordLength.least) return `must be at least ${passwordLength.least} characters long`
  if (length > passwordLength.most) return `must be at most ${passwordLength.most} characters long`
  const lowered = password.normalize('NFKC').toLowerCase()
  if (isPattern(lowered)) return 'must not be a repetition or a run of neighbouring characters'
  if (isCommon(lowered)) return 'is one of the passwords that are guessed first'
  if (leansOn(lowered, accountWords(words)))
    return 'must not be built from your e-mail address, name or the product name'
  return undefined
}

const rows = [
  'abcdefghijklmnopqrstuvwxyz',
  '01234567890',
  'qwertyuiop',
  'qwertzuiop',
  'azertyuiop',
  'asdfghjkl',
  'zxcvbnm',
]
const runs = [...rows, ...rows.map((row) => [...row].reverse().join(''))]

/** True when the text falls apart into few pieces, each a repetition or a stretch of the alphabet or a keyboard row. */
function isPattern(text: string): boolean {
  if (/^(.{1,5}?)\1+.{0,4}$/su.test(text) && new Set(text).size <= 5) return true
  let pieces = 0
  for (let at = 0; at < text.length; pieces += 1) at += longestRun(text.slice(at))
  return pieces <= Math.floor(text.length / 4)
}

function longestRun(text: string): number {
  const repeated = /^(.)\1*/su.exec(text)?.[0].length ?? 1
  let longest = repeated
  for (const run of runs) {
    const from = run.indexOf(text.charAt(0))
    if (from < 0) continue
    let length = 1
    while (from + length < run.length && text[length] === run[from + length]) length += 1
    longest = Math.max(longest, length)
  }
  return longest
}

const letterFor: Readonly<Record<string, string>> = {
  '0': 'o',
  '1': 'i',
  '3': 'e',
  '4': 'a',
  '5': 's',
  '7': 't',
  '@': 'a',
  $: 's',
  '!': 'i',
}

function withoutDisguise(text: string): string {
  return text.replace(/[013457@$!]/g, (mark) => letterFor[mark] ?? mark)
}

/** `Password123!`, `p@ssw0rd2024` and `123password` are all the word `password`. */
function isCommon(text: string): boolean {
  const core = text.replace(/^[^a-z]+|[^a-z]+$/g, '')
  const forms = [
    text,
    withoutDisguise(text),
    core,
    withoutDisguise(core),
    withoutDisguise(text.replace(/[\d\W_]+$/u, '')),
  ]
  return forms.some((form) => commonPasswords.has(form) || commonWords.has(form) || isTwoCommonWords(form))
}

function isTwoCommonWords(text: string): boolean {
  for (let at = 3; at <= text.length - 3; at += 1) {
    if (commonWords.has(text.slice(0, at)) && commonWords.has(text.slice(at))) return true
  }
  return false
}

function accountWords(words: readonly string[]): string[] {
  const parts = words.slice(0, 20).flatMap((word) => {
    const lowered = word.slice(0, 320).normalize('NFKC').toLowerCase()
    return [lowered, ...lowered.split('@'), ...lowered.split(/[^\p{L}\p{N}]+/u)]
  })
  return [...new Set(['owlery', ...parts])].filter((word) => word.length >= 4).sort((a, b) => b.length - a.length)
}

/** A known word may stand in a passphrase, but must not carry it: at least six characters must be something else. */
function leansOn(text: string, words: readonly string[]): boolean {
  const restOf = (form: string) => words.reduce((rest, word) => rest.replaceAll(word, ''), form)
  return [text, withoutDisguise(text)].some((form) => {
    const rest = restOf(form)
    return rest !== form && rest.length < 6
  })
}
