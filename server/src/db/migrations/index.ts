import { platform } from './0001-platform.ts'
import { auditChain } from './0002-audit-chain.ts'
import { monitors } from './0003-monitors.ts'
import { limits } from './0004-limits.ts'
import { uptime } from './0005-uptime.ts'
import { alerts } from './0006-alerts.ts'
import { webhooks } from './0007-webhooks.ts'
import { statusPages } from './0008-status-pages.ts'
import { checkHistory } from './0009-check-history.ts'
import { regions } from './0010-regions.ts'
import { tokenCaps } from './0011-token-caps.ts'
import { regionCheckCounts } from './0012-region-check-counts.ts'
import { rateLimitsAsked } from './0013-rate-limits-asked.ts'
import { unused } from './0014-unused.ts'

/** Statements run one by one, in one transaction with the record that they ran. A landed migration is never edited. */
export type Migration = { readonly name: string; readonly statements: readonly string[] }

export const migrations: readonly Migration[] = [
  platform,
  auditChain,
  monitors,
  limits,
  uptime,
  alerts,
  webhooks,
  statusPages,
  checkHistory,
  regions,
  tokenCaps,
  regionCheckCounts,
  rateLimitsAsked,
  unused,
]
