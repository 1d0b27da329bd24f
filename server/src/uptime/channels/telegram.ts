import { escapeHtml } from '../../escape-html.ts'
import { type Alert, type AlertDeps, type AlertOutcome, alertServices, facts, headline } from './alert.ts'
import { postJson } from './post.ts'
import { escapeMarkup } from './text.ts'

// The token becomes part of a path, so it must not hold anything that a path gives a meaning to.
const botTokenForm = /^\d{1,20}:[\w-]{10,128}$/

export type TelegramChat = { readonly botToken: string; readonly chatId: string }

export async function sendToTelegram(
  { botToken, chatId }: TelegramChat,
  alert: Alert,
  deps: AlertDeps,
): Promise<AlertOutcome> {
  if (!botTokenForm.test(botToken)) return { ok: false, error: 'the bot token is not of the form 123456:ABC-def' }
  const lines = facts(alert).map(({ name, value }) => `${name}: ${escapeMarkup(value)}`)
  const link = alert.link === undefined ? [] : [`<a href="${escapeHtml(alert.link)}">Open the status page</a>`]
  const json = JSON.stringify({
    chat_id: chatId,
    text: [`<b>${escapeMarkup(headline(alert, 300))}</b>`, ...lines, ...link].join('\n'),
    parse_mode: 'HTML',
    link_preview_options: { is_disabled: true },
  })
  const base = deps.services?.telegram ?? alertServices.telegram
  return postJson(deps, { url: `${base}/bot${botToken}/sendMessage`, json, secrets: [botToken, chatId] })
}
