import { passwordFault } from '../security/password-rules.ts'

/** A sentence about what is wrong with a new password; nothing if it will do. */
export function faultOfNewPassword(
  password: string,
  words: readonly (string | null | undefined)[],
): string | undefined {
  const fault = passwordFault(
    password,
    words.filter((word) => typeof word === 'string'),
  )
  return fault === undefined ? undefined : `The password ${fault}`
}
