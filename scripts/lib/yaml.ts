import { Document, isScalar, parse, visit } from 'yaml'

const widestFlow = 100

/** One canonical text for one value: block style, short lists of plain values on one line, no anchors, no folding. */
export function toYaml(value: unknown): string {
  const document = new Document(value, { aliasDuplicateObjects: false, compat: 'yaml-1.1' })
  visit(document, {
    Seq(_key, list) {
      if (!list.items.every(isScalar)) return
      const width = list.items.reduce((sum, item) => sum + String(isScalar(item) ? item.value : '').length + 2, 0)
      if (width <= widestFlow) list.flow = true
    },
  })
  return document.toString({ lineWidth: 0, flowCollectionPadding: false })
}

export function fromYaml(text: string): unknown {
  return parse(text)
}
