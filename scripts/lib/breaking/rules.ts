/**
 * Every kind of change the gate can name. `breaking` fails the gate until it is approved; `notice` is printed only.
 * A new rule needs a case that reports it and one that stays silent: test/contract/breaking.test.ts insists.
 */
export type Level = 'breaking' | 'notice'

type Rule = { readonly level: Level; readonly meaning: string; readonly neverApproved?: true }

export const rules = {
  // The document as a whole
  'unclassified-change': { level: 'breaking', meaning: 'the gate does not know what this keyword means to callers' },
  'servers-changed': { level: 'breaking', meaning: 'callers of a base address that is no longer listed are cut off' },
  'security-scheme-changed': { level: 'breaking', meaning: 'the credential travels in another way' },
  'error-code-forgotten': {
    level: 'breaking',
    meaning: 'error codes only ever grow, because callers branch on them',
    neverApproved: true,
  },
  'error-catalogue-changed': { level: 'notice', meaning: 'what a caller may do about the error is another thing now' },

  // Operations
  'operation-removed': { level: 'breaking', meaning: 'calls end in 404' },
  'operation-moved': { level: 'breaking', meaning: 'calls to the old method and path fail' },
  'operation-id-changed': { level: 'breaking', meaning: 'the method of the generated client changes its name' },
  'client-method-removed': { level: 'breaking', meaning: 'generated clients lose the method' },
  'pagination-changed': { level: 'breaking', meaning: 'clients iterate in the way they were generated for' },

  // Policy
  'credential-removed': { level: 'breaking', meaning: 'callers with this kind of credential are refused' },
  'scope-added': { level: 'breaking', meaning: 'tokens without the scope are refused' },
  'roles-narrowed': { level: 'breaking', meaning: 'callers with this role are refused' },
  'authorization-relaxed': { level: 'notice', meaning: 'more callers are let in than before' },
  'rate-limit-changed': { level: 'notice', meaning: 'another bucket counts the calls' },
  'body-limit-lowered': { level: 'breaking', meaning: 'bodies that were read are refused as too large' },
  'idempotency-removed': { level: 'breaking', meaning: 'a retry takes effect twice' },
  'audit-action-changed': { level: 'breaking', meaning: 'readers of the audit log look for the old action' },

  // Parameters and request bodies
  'parameter-removed': { level: 'breaking', meaning: 'calls that send it are refused or lose its effect' },
  'required-parameter-added': { level: 'breaking', meaning: 'calls without it are refused' },
  'parameter-became-required': { level: 'breaking', meaning: 'calls without it are refused' },
  'parameter-location-changed': { level: 'breaking', meaning: 'calls send it in the old place' },
  'parameter-serialization-changed': { level: 'breaking', meaning: 'calls write it in the old way' },
  'request-body-removed': { level: 'breaking', meaning: 'calls that send a body are refused or lose its effect' },
  'request-body-became-required': { level: 'breaking', meaning: 'calls without a body are refused' },
  'request-content-type-removed': { level: 'breaking', meaning: 'calls with this content type are refused' },

  // Schemas of requests: everything that was accepted stays accepted
  'request-property-removed': { level: 'breaking', meaning: 'requests that send it are refused or lose its effect' },
  'request-required-property-added': { level: 'breaking', meaning: 'requests without it are refused' },
  'request-property-became-required': { level: 'breaking', meaning: 'requests without it are refused' },
  'request-additional-properties-restricted': { level: 'breaking', meaning: 'requests with other names are refused' },
  'request-type-narrowed': { level: 'breaking', meaning: 'values of the lost type are refused' },
  'request-null-removed': { level: 'breaking', meaning: 'null is refused' },
  'request-values-restricted': { level: 'breaking', meaning: 'values outside the new list are refused' },
  'request-enum-value-removed': { level: 'breaking', meaning: 'the value is refused' },
  'request-branch-removed': { level: 'breaking', meaning: 'requests of this alternative are refused' },
  'request-bound-tightened': { level: 'breaking', meaning: 'values beyond the new bound are refused' },
  'request-format-restricted': { level: 'breaking', meaning: 'values that do not fit the new form are refused' },
  'request-default-changed': { level: 'breaking', meaning: 'requests that leave it out mean something else' },
  'request-default-added': { level: 'notice', meaning: 'requests that leave it out now mean this value' },

  // Responses: everything that was promised stays promised
  'response-status-removed': { level: 'breaking', meaning: 'callers wait for a status that no longer comes' },
  'success-status-added': { level: 'breaking', meaning: 'callers do not expect the new status' },
  'error-status-added': { level: 'notice', meaning: 'the operation may fail in one more way' },
  'error-code-removed': { level: 'notice', meaning: 'the operation no longer answers with this code' },
  'error-code-added': { level: 'notice', meaning: 'the operation may fail with one more code' },
  'error-code-status-moved': { level: 'breaking', meaning: 'the code comes with another status' },
  'response-content-type-removed': { level: 'breaking', meaning: 'callers that ask for it get something else' },
  'response-header-removed': { level: 'breaking', meaning: 'callers that read it find nothing' },
  'response-header-became-optional': { level: 'breaking', meaning: 'callers that read it may find nothing' },
  'response-property-removed': { level: 'breaking', meaning: 'callers that read it find nothing' },
  'response-property-became-optional': { level: 'breaking', meaning: 'callers that read it may find nothing' },
  'response-additional-properties-changed': { level: 'breaking', meaning: 'free entries are no longer what they were' },
  'response-type-widened': { level: 'breaking', meaning: 'callers meet values of a type they do not expect' },
  'response-became-nullable': { level: 'breaking', meaning: 'callers meet null where they do not expect it' },
  'response-values-unrestricted': { level: 'breaking', meaning: 'callers can no longer list all values' },
  'response-enum-value-added': { level: 'breaking', meaning: 'callers meet a value they do not know' },
  'response-branch-added': { level: 'breaking', meaning: 'callers meet an alternative they do not know' },
  'response-bound-relaxed': { level: 'notice', meaning: 'values may lie beyond the old bound' },
  'response-format-loosened': { level: 'breaking', meaning: 'values may no longer have the promised form' },

  // Both directions
  'discriminator-changed': { level: 'breaking', meaning: 'another property tells the alternatives apart' },
} as const satisfies Record<string, Rule>

export type RuleName = keyof typeof rules

export function isRuleName(text: string): text is RuleName {
  return Object.hasOwn(rules, text)
}

export function levelOf(rule: RuleName): Level {
  return rules[rule].level
}

export function canBeApproved(rule: RuleName): boolean {
  return levelOf(rule) === 'breaking' && !('neverApproved' in rules[rule])
}
