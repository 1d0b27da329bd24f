import { email, integerId, text, timestamp, z } from '../primitives.ts'

/** Nothing that could end an attribute of a page, or a line of a header. */
const webAddress = z
  .string()
  .max(2048)
  .regex(/^https?:\/\/[!#$%&()*+,./0-9:;=?@A-Z[\]_a-z~-]+$/, 'Not an http or https URL')
  .openapi({ example: 'https://example.com/logo.svg' })

const statusPageSlug = z
  .string()
  .min(3)
  .max(63)
  .regex(/^[a-z0-9](-?[a-z0-9])*$/, 'Only lowercase letters, digits and single hyphens')
  .openapi({ description: 'Names the page in its address; unique on the whole service.', example: 'acme' })

export const hostName = z
  .string()
  .max(253)
  .regex(/^[a-z0-9](-?[a-z0-9])*(\.[a-z0-9](-?[a-z0-9])*)+$/, 'Not a host name in lowercase')
  .openapi({ example: 'status.example.com' })

const FooterLink = z.strictObject({ label: text(1, 100), url: webAddress }).openapi('StatusPageFooterLinkInput', {
  description: 'A link at the end of the page.',
  example: { label: 'Imprint', url: 'https://example.com/imprint' },
})

const componentFields = {
  monitorId: z.int().min(1).max(2147483647).openapi({ description: 'A monitor of the organization.' }),
  name: text(1, 255).nullable().optional().openapi({ description: '`null` or absent: the monitor’s own name.' }),
  group: text(1, 100).nullable().optional().openapi({ description: 'The heading it stands under, if any.' }),
}

export const StatusPageComponentCreate = z.strictObject(componentFields).openapi('StatusPageComponentCreate', {
  description: 'A monitor to show, and how it is called there.',
  example: { monitorId: 42, name: 'Shop', group: 'Websites' },
})

const settings = {
  description: text(0, 2000).nullable().optional().openapi({ description: 'Markdown: paragraphs, emphasis, links.' }),
  isPublic: z.boolean().optional().openapi({ description: 'Absent when creating: true. A page that is not is 404.' }),
  customDomain: hostName.nullable().optional().openapi({ description: 'A host that leads to this service.' }),
  logoUrl: webAddress.nullable().optional(),
  accentColor: z
    .string()
    .max(7)
    .regex(/^#[0-9a-fA-F]{6}$/, 'Not a color like #1a7f37')
    .nullable()
    .optional()
    .openapi({ example: '#1a7f37' }),
  footerLinks: z.array(FooterLink).max(10).optional(),
  customCss: text(0, 20000).nullable().optional().openapi({
    description: 'Added to the page’s own. What loads something from elsewhere, or ends the style, is refused.',
  }),
  hideBranding: z.boolean().optional(),
  ipAllowlist: z.array(text(1, 64)).max(100).optional().openapi({
    description: 'Addresses and ranges like `192.0.2.0/24`. Anybody else gets 404. Empty: everybody may read.',
  }),
  components: z.array(StatusPageComponentCreate).max(200).optional().openapi({
    description: 'In the order they are shown. When changing, they replace the ones before. A monitor occurs once.',
  }),
}

export const StatusPageCreate = z
  .strictObject({ slug: statusPageSlug, title: text(1, 255), ...settings })
  .openapi('StatusPageCreate', {
    description: 'What the page shall be.',
    example: { slug: 'acme', title: 'Acme status', description: 'How our services are.', accentColor: '#1a7f37' },
  })

export const StatusPageUpdate = z
  .strictObject({ slug: statusPageSlug.optional(), title: text(1, 255).optional(), ...settings })
  .openapi('StatusPageUpdate', {
    description: 'What to change, at least one field; `null` clears.',
    example: { title: 'Acme status', isPublic: true },
  })

export const StatusPagePassword = z
  .strictObject({
    password: text(0, 128).nullable().openapi({
      format: 'password',
      description: 'At least 8 characters; empty or `null` takes the password away.',
      example: 'three blind mice run',
    }),
  })
  .openapi('StatusPagePassword', {
    description: 'The password of the page, or none.',
    example: { password: 'three blind mice run' },
  })

export const StatusPagePasswordSet = z
  .object({ hasPassword: z.boolean() })
  .openapi('StatusPagePasswordSet', { description: 'Whether there is one now.', example: { hasPassword: true } })

export const StatusPageComponent = z
  .object({
    id: z.int(),
    monitorId: z.int(),
    name: z.string().openapi({ description: 'As it is shown.' }),
    group: z.string().nullable(),
    position: z.int(),
  })
  .openapi('StatusPageComponent', {
    description: 'A monitor on a page.',
    example: { id: 7, monitorId: 42, name: 'Shop', group: 'Websites', position: 0 },
  })

export const StatusPageFooterLink = z.object({ label: z.string(), url: z.string() }).openapi('StatusPageFooterLink', {
  description: 'A link at the end of the page.',
  example: { label: 'Imprint', url: 'https://example.com/imprint' },
})

export const StatusPage = z
  .object({
    id: z.int(),
    organizationId: z.int(),
    slug: z.string(),
    title: z.string(),
    description: z.string().nullable(),
    isPublic: z.boolean(),
    customDomain: z.string().nullable(),
    logoUrl: z.string().nullable(),
    accentColor: z.string().nullable(),
    footerLinks: z.array(StatusPageFooterLink),
    customCss: z.string().nullable(),
    hideBranding: z.boolean(),
    ipAllowlist: z.array(z.string()),
    hasPassword: z.boolean().openapi({ description: 'The password itself is never shown, nor its hash.' }),
    components: z.array(StatusPageComponent),
    createdAt: timestamp,
  })
  .openapi('StatusPage', {
    description: 'A status page as its organization sees it.',
    example: {
      id: 3,
      organizationId: 1,
      slug: 'acme',
      title: 'Acme status',
      description: 'How our services are.',
      isPublic: true,
      customDomain: 'status.example.com',
      logoUrl: null,
      accentColor: '#1a7f37',
      footerLinks: [{ label: 'Imprint', url: 'https://example.com/imprint' }],
      customCss: null,
      hideBranding: false,
      ipAllowlist: [],
      hasPassword: false,
      components: [{ id: 7, monitorId: 42, name: 'Shop', group: 'Websites', position: 0 }],
      createdAt: '2026-05-13T18:00:00.000Z',
    },
  })

export const StatusPageSubscriber = z
  .object({
    id: z.int(),
    email: z.string(),
    confirmedAt: timestamp.nullable().openapi({ description: '`null`: the link in the mail was not followed yet.' }),
    createdAt: timestamp,
  })
  .openapi('StatusPageSubscriber', {
    description: 'Somebody who wants mail about incidents.',
    example: {
      id: 11,
      email: 'ada@example.com',
      confirmedAt: '2026-05-13T18:05:00.000Z',
      createdAt: '2026-05-13T18:00:00.000Z',
    },
  })

export const StatusPageSubscribe = z.strictObject({ email }).openapi('StatusPageSubscribe', {
  description: 'Where to send mail.',
  example: { email: 'ada@example.com' },
})

export const pageId = integerId.openapi({ description: 'The id of the status page.' })
