import { monitors } from './monitors.ts'

export const uptime = { monitors }

export const uptimeTags = {
  monitors: { name: 'Monitors', description: 'What is checked, how often, and who is told.' },
} satisfies Record<keyof typeof uptime, { name: string; description: string }>
