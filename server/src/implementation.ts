import type { Contract } from '@owlery/spec'
import type { AreaHandlers, Implementation } from './http/bind.ts'
import { auth } from './platform/auth.ts'
import { docs } from './platform/docs.ts'
import { health } from './platform/health.ts'
import { me } from './platform/me.ts'
import { tokens } from './platform/tokens.ts'
import { toolCatalogues } from './platform/tool-catalogues.ts'

const platform: AreaHandlers<Contract['platform']> = { auth, me, tokens, health, docs, toolCatalogues }

/** One handler for every operation of the contract. No spreads here: they would hide a missing or an extra one. */
export const implementation: Implementation = { platform, uptime: {}, telemetry: {}, fleet: {} }
