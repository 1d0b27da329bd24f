const widest = 120

/** A doc comment with one paragraph for each text, indented, with the line break after it. */
export function docComment(paragraphs: readonly string[], indent: string): string {
  const texts = paragraphs.filter((text) => text !== '').map((text) => text.replaceAll('*/', '*\\/'))
  const [only = ''] = texts
  const oneLine = `${indent}/** ${only} */`
  if (texts.length === 1 && oneLine.length <= widest && !only.includes('\n')) return `${oneLine}\n`
  const lines = texts.flatMap((text, place) => [...(place > 0 ? [''] : []), ...wrap(text, widest - indent.length - 3)])
  return [`${indent}/**`, ...lines.map((line) => `${indent} * ${line}`.trimEnd()), `${indent} */`, ''].join('\n')
}

function wrap(text: string, width: number): string[] {
  const lines: string[] = []
  let line = ''
  for (const word of text.split(/\s+/)) {
    if (line !== '' && line.length + 1 + word.length > width) {
      lines.push(line)
      line = word
    } else {
      line = line === '' ? word : `${line} ${word}`
    }
  }
  return [...lines, line]
}
