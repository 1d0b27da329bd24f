import { createHash } from 'node:crypto'
import type { contract } from '@owlery/spec'
import type { Handlers } from '../http/bind.ts'
import { OtherwiseReply, TextReply } from '../http/reply.ts'
import { findShownMonitor } from './badges.store.ts'
import { type BadgeState, badgeSvg } from './badges.svg.ts'

export const badges: Handlers<typeof contract.uptime.badges> = {
  async get({ params }, { db }) {
    const monitor = await findShownMonitor(db, params.id)
    if (monitor === undefined) return new OtherwiseReply(badgeSvg('unknown'), shared)
    const state: BadgeState = monitor.paused ? 'paused' : (monitor.last_status ?? 'unknown')
    const svg = badgeSvg(state)
    const hash = createHash('sha256').update(svg).digest('base64url').slice(0, 22)
    return new TextReply('image/svg+xml', svg, { ...shared, ETag: `"${hash}"` })
  },
}

/** Badges stand on other people's sites. */
const shared = {
  'Access-Control-Allow-Origin': '*',
  'Cache-Control': 'public, max-age=60',
  'Cross-Origin-Resource-Policy': 'cross-origin',
}
