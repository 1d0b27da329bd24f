export const channelNames = [
  'email',
  'webhook',
  'slack',
  'discord',
  'teams',
  'telegram',
  'pagerduty',
  'opsgenie',
] as const

export type ChannelName = (typeof channelNames)[number]

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
  | { readonly name: ChannelName; readonly configured: true; readonly channel: Channel }
  | { readonly name: ChannelName; readonly configured: false }

/** All eight, in the order of `channelNames`. */
export function channelsOf(settings: AlertSettings): readonly ChannelState[] {
  return channelNames.map((name) => {
    const channel = channelOf(name, settings)
    return channel === undefined ? { name, configured: false } : { name, configured: true, channel }
  })
}

function channelOf(name: ChannelName, settings: AlertSettings): Channel | undefined {
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
