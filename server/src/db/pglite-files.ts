import type { PGlite } from '@electric-sql/pglite'
import { NodeFS } from '@electric-sql/pglite/nodefs'
import { syncPath } from './sync-files.ts'
import type { WriteAheadLog } from './write-ahead-log.ts'

type OpenFile = { readonly node: unknown }
type Write = (file: OpenFile, buffer: Uint8Array, offset: number, length: number, position: number) => number
type FileOperations = { write: Write; fsync?: (file: OpenFile) => number }
type HostFiles = { readonly stream_ops: FileOperations; readonly realPath: (node: unknown) => string }

// The last part of a path to a log segment. A segment in the making is called xlogtemp and is synced by the database.
const segmentPath = /[/\\]pg_wal[/\\][0-9A-F]{24}$/

const tablePath = /[/\\]base[/\\]\d+[/\\]\d+$/

const controlPath = /[/\\]global[/\\]pg_control$/

const pageBytes = 8192
const inputOutputError = 29

/**
 * The embedded database's files in a folder. As it comes, the engine never syncs anything: its fsync and fdatasync
 * calls end nowhere. Here fsync, which it uses for checkpoints, new segments and renames, is given its meaning.
 * fdatasync, which it uses for the log at each commit, is left without one: it would stop the process for every single
 * commit, so the log is told of the writes instead and syncs them in groups.
 */
export class SyncedFiles extends NodeFS {
  readonly #log: WriteAheadLog
  #synced: ReadonlySet<string>

  /** `synced`: files that are on the disk already, and are not synced again before the engine begins to change them. */
  constructor(folder: string, log: WriteAheadLog, synced: ReadonlySet<string>) {
    super(folder)
    this.#log = log
    this.#synced = synced
  }

  override async init(engine: PGlite, options: Parameters<NodeFS['init']>[1]): ReturnType<NodeFS['init']> {
    const { emscriptenOpts } = await super.init(engine, options)
    // Before the folder is mounted, so that no file is opened with the old operations.
    const preRun = [(module: { NODEFS: unknown }) => this.#hook(module.NODEFS), ...(emscriptenOpts.preRun ?? [])]
    const onAbort = () => {
      this.#log.fail(new Error('the embedded database gave up, as it does when its log cannot be written'))
      // It would be called again and again for the rest of the request, and this thread never be free again. This is
      // the one function of those calls whose failure ends them.
      engine.Module.stackRestore = () => {
        throw this.#log.failure
      }
    }
    return { emscriptenOpts: { ...emscriptenOpts, preRun, onAbort } }
  }

  #hook(files: unknown): void {
    if (!isHostFiles(files)) throw new Error('this release of the embedded database cannot be made durable')
    const log = this.#log
    const operations = files.stream_ops
    const write = operations.write
    operations.write = (file, buffer, offset, length, position) => {
      const path = files.realPath(file.node)
      if (segmentPath.test(path)) {
        const written = write(file, buffer, offset, length, position)
        log.noteWrite(path, written)
        return written
      }
      // Before it changes anything the engine notes there that it is running.
      if (controlPath.test(path)) this.#synced = new Set()
      // Nothing written is how the engine learns of a full or failed disk.
      if (!(tablePath.test(path) && isUnlogged(buffer, offset, length)) && !log.flushNow()) return 0
      return write(file, buffer, offset, length, position)
    }
    operations.fsync = (file) => {
      try {
        // Folders are synced too, and have no descriptor of their own.
        const path = files.realPath(file.node)
        if (!this.#synced.has(path)) syncPath(path)
        return 0
      } catch (error) {
        log.fail(error)
        return inputOutputError
      }
    }
  }
}

// A page starts with the place in the log of its last change. Tables grow by empty pages, which have none.
function isUnlogged(buffer: Uint8Array, offset: number, length: number): boolean {
  for (let page = offset; page < offset + length; page += pageBytes) {
    if (buffer.subarray(page, page + 8).some((byte) => byte !== 0)) return false
  }
  return true
}

function isHostFiles(value: unknown): value is HostFiles {
  if (typeof value !== 'object' || value === null) return false
  if (!('realPath' in value) || typeof value.realPath !== 'function') return false
  if (!('stream_ops' in value) || typeof value.stream_ops !== 'object' || value.stream_ops === null) return false
  return 'write' in value.stream_ops && typeof value.stream_ops.write === 'function'
}
