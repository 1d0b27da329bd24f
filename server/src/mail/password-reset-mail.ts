import { escapeHtml } from '../escape-html.ts'
import type { MailMessage } from './message.ts'

export type PasswordReset = {
  readonly to: string
  readonly link: string
  readonly validMinutes: number
  readonly publicUrl: string
}

export function passwordResetMail({ to, link, validMinutes, publicUrl }: PasswordReset): MailMessage {
  const paragraphs = [
    `Somebody, we hope you, asked to set a new password for ${to} at ${publicUrl}.`,
    `The link works once, within ${validMinutes} minutes. Setting a password ends every open session of the account.`,
    'If it was not you, ignore this mail: your password stays as it is.',
  ] as const
  const [asked, works, ignore] = paragraphs
  return {
    to,
    subject: 'Set a new password',
    text: `${asked}\n\n${link}\n\n${works}\n\n${ignore}\n`,
    html: `<!doctype html>
<html lang="en">
<body style="font-family: sans-serif; line-height: 1.5">
<p>${escapeHtml(asked)}</p>
<p><a href="${escapeHtml(link)}">Set a new password</a></p>
<p>${escapeHtml(works)}</p>
<p>${escapeHtml(ignore)}</p>
</body>
</html>
`,
  }
}
