import type { contract } from '@owlery/spec'
import type { Handlers } from '../http/bind.ts'
import { OtherwiseReply, TextReply } from '../http/reply.ts'
import { findShownMonitor } from './badges.store.ts'
import { badgeOf } from './badges.svg.ts'

export const badges: Handlers<typeof contract.uptime.badges> = {
  async get({ params }, { db }) {
    const monitor = await findShownMonitor(db, params.id)
    if (monitor === undefined) return new OtherwiseReply((await badgeOf('unknown')).svg, shared)
    const { svg, etag } = await badgeOf(monitor.paused ? 'paused' : (monitor.last_status ?? 'unknown'))
    return new TextReply('image/svg+xml', svg, { ...shared, ETag: etag })
  },
}

/** Badges stand on other people's sites. */
const shared = {
  'Cache-Control': 'public, max-age=60',
  'Cross-Origin-Resource-Policy': 'cross-origin',
}
