import openapiTypescript, { astToString } from 'openapi-typescript'
import ts from 'typescript'

/**
 * The only place that knows openapi-typescript. It stands in this workspace because it runs on the TypeScript 5 that is
 * installed here; everything else uses the root's.
 */
export async function typesOfDocument(documentText: string, operationIds: readonly string[]): Promise<string> {
  const nodes = await openapiTypescript(documentText, {
    // Otherwise a request field that has a default would have to be sent.
    defaultNonNullable: false,
    silent: true,
  })
  // `paths`, which is left out, repeats `operations` by URL, and nothing in the client asks by URL.
  return astToString([
    ...nodes.filter((node) => isInterface(node, 'components')),
    ...nodes.filter((node) => isInterface(node, 'operations')).map((node) => withMembers(node, operationIds)),
  ])
}

function isInterface(node: ts.Node, name: string): node is ts.InterfaceDeclaration {
  return ts.isInterfaceDeclaration(node) && node.name.text === name
}

function withMembers(node: ts.InterfaceDeclaration, names: readonly string[]): ts.InterfaceDeclaration {
  const members = node.members.filter(({ name }) => name && 'text' in name && names.includes(name.text))
  const { modifiers, name, typeParameters, heritageClauses } = node
  return ts.factory.updateInterfaceDeclaration(node, modifiers, name, typeParameters, heritageClauses, members)
}
