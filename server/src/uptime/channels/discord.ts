import { type Alert, type AlertDeps, type AlertOutcome, facts, statusWord } from './alert.ts'
import { postJson } from './post.ts'
import { clip, oneLine } from './text.ts'

const colors = { up: 0x2e_a0_43, degraded: 0xd2_99_22, down: 0xda_36_33 } as const

export function sendToDiscord(url: string, alert: Alert, deps: AlertDeps): Promise<AlertOutcome> {
  const json = JSON.stringify({
    content: `**${statusWord(alert)}** ${asCode(clip(oneLine(alert.monitor), 255))}`,
    embeds: [
      {
        title: statusWord(alert),
        ...(alert.link !== undefined && { url: alert.link }),
        color: colors[alert.status],
        fields: facts(alert).map(({ name, value }) => ({ name, value: asCode(value) })),
        timestamp: alert.at.toISOString(),
      },
    ],
    // A monitor called @everyone calls nobody.
    allowed_mentions: { parse: [] },
  })
  return postJson(deps, { url, json, secrets: [url] })
}

/** In a code span neither markdown nor mentions mean anything. */
function asCode(text: string): string {
  return `\`${text.replaceAll('`', "'")}\``
}
