/** A JSON log line as `12:30:01.250 info  message key=value`, for a terminal; anything else is passed on as it is. */
export function readableLine(line: string): string {
  let fields: unknown
  try {
    fields = JSON.parse(line)
  } catch {
    return line
  }
  if (typeof fields !== 'object' || fields === null) return line
  const { time, level, msg, err, ...others }: Record<string, unknown> = { ...fields }
  const clock = typeof time === 'string' ? time.slice(11, 23) : ''
  const rest = Object.entries(others).map(
    ([name, value]) => ` ${name}=${typeof value === 'string' ? value : JSON.stringify(value)}`,
  )
  return `${clock} ${String(level).padEnd(5)} ${oneLine(`${String(msg ?? '')}${rest.join('')}`)}${stackOf(err)}\n`
}

/** What a client sent must neither forge a line nor speak to the terminal. */
function oneLine(text: string): string {
  return text.replace(/[\p{Cc}\u2028\u2029]/gu, (mark) => `\\u${mark.charCodeAt(0).toString(16).padStart(4, '0')}`)
}

function stackOf(error: unknown): string {
  if (typeof error !== 'object' || error === null || !('stack' in error)) return ''
  return String(error.stack)
    .split('\n')
    .map((line) => `\n    ${oneLine(line.trim())}`)
    .join('')
}
