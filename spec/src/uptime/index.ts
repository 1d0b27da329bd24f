export const uptime = {}

export const uptimeTags = {}
