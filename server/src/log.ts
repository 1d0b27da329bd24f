import { type DestinationStream, destination, type Logger, pino, stdSerializers } from 'pino'
import { readableLine } from './log-readable.ts'
import { redactFields, redactLine, sensitiveNames } from './log-redaction.ts'

export type Log = Logger
export type LogSettings = {
  readonly level: 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'fatal' | 'silent'
  readonly form: 'json' | 'readable'
}

/** Standard output, written without blocking; `flush` writes out what is still held, and so does the end of the process. */
export function createLog({ level, form }: LogSettings): { log: Log; flush: () => void } {
  const output = destination({ dest: 1, sync: false })
  const stream = form === 'json' ? output : { write: (line: string) => void output.write(readableLine(line)) }
  return { log: createLogTo(stream, level), flush: () => output.flushSync() }
}

export function createLogTo(stream: DestinationStream, level: LogSettings['level']): Log {
  return pino(
    {
      level,
      base: null,
      timestamp: () => `,"time":"${new Date().toISOString()}"`,
      formatters: { level: (label) => ({ level: label }), log: redactFields },
      // Fields bound by `child()` do not pass the formatter.
      redact: { paths: [...sensitiveNames], censor: '[redacted]' },
      serializers: { err: (error: Error) => redactFields(stdSerializers.err(error)) },
      hooks: { streamWrite: redactLine },
    },
    stream,
  )
}
