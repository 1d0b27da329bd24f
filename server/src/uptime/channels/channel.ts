import { type AlertChannel, alertChannels } from '@owlery/spec'

export type Channel =
  | { readonly name: 'email'; readonly to: string }
  | { readonly name: 'webhook' | 'slack' | 'discord' | 'teams'; readonly url: string }
  | { readonly name: 'telegram'; readonly botToken: string; readonly chatId: string }
  | { readonly name: 'pagerduty'; readonly routingKey: string }
  | { readonly name: 'opsgenie'; readonly apiKey: string }

/** A monitor's alert fields in plain text, named as its secrets are published. */
export type AlertSettings = {
  readonly alertEmail: string | null
  readonly alertWebhookUrl: string | null
  readonly alertSlackUrl: string | null
  readonly alertDiscordUrl: string | null
  readonly alertMsteamsUrl: string | null
  readonly alertTelegramBotToken: string | null
  readonly alertTelegramChatId: string | null
  readonly alertPagerdutyRoutingKey: string | null
  readonly alertOpsgenieApiKey: string | null
}

export type ChannelState =
  | { readonly name: AlertChannel; readonly configured: true; readonly channel: Channel }
  | { readonly name: AlertChannel; readonly configured: false }

/** All eight, in the order of `alertChannels`. */
export function channelsOf(settings: AlertSettings): readonly ChannelState[] {
  return alertChannels.map((name) => {
    const channel = channelOf(name, settings)
    return channel === undefined ? { name, configured: false } : { name, configured: true, channel }
  })
}

function channelOf(name: AlertChannel, settings: AlertSettings): Channel | undefined {
  switch (name) {
    case 'email':
      return settings.alertEmail ? { name, to: settings.alertEmail } : undefined
    case 'webhook':
      return settings.alertWebhookUrl ? { name, url: settings.alertWebhookUrl } : undefined
    case 'slack':
      return settings.alertSlackUrl ? { name, url: settings.alertSlackUrl } : undefined
    case 'discord':
      return settings.alertDiscordUrl ? { name, url: settings.alertDiscordUrl } : undefined
    case 'teams':
      return settings.alertMsteamsUrl ? { name, url: settings.alertMsteamsUrl } : undefined
    case 'telegram': {
      const { alertTelegramBotToken: botToken, alertTelegramChatId: chatId } = settings
      return botToken && chatId ? { name, botToken, chatId } : undefined
    }
    case 'pagerduty':
      return settings.alertPagerdutyRoutingKey ? { name, routingKey: settings.alertPagerdutyRoutingKey } : undefined
    case 'opsgenie':
      return settings.alertOpsgenieApiKey ? { name, apiKey: settings.alertOpsgenieApiKey } : undefined
  }
}
