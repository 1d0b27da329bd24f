import { auth } from './auth.ts'
import { docs } from './docs.ts'
import { health } from './health.ts'
import { me } from './me.ts'
import { tokens } from './tokens.ts'
import { toolCatalogues } from './tool-catalogues.ts'

export const platform = { auth, me, tokens, health, docs, toolCatalogues }

export const platformTags = {
  auth: { name: 'Sign-in', description: 'Accounts, passwords and sessions.' },
  me: { name: 'Me', description: 'The caller, as the service sees them.' },
  tokens: { name: 'Tokens', description: 'Personal access tokens: scoped, capped, revocable.' },
  health: { name: 'Operation', description: 'Health, metrics and version.' },
  docs: { name: 'Documentation', description: 'The contract itself, as a document and as pages.' },
  toolCatalogues: { name: 'Tools', description: 'The contract as tools for agents, generated from the document.' },
} satisfies Record<keyof typeof platform, { name: string; description: string }>
