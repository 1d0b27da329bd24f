// Out of sockets, ports, memory or processes, or without any way into the network. EHOSTUNREACH is not among them: a
// router says that of a host which is gone.
const own = new Set([
  'EMFILE',
  'ENFILE',
  'ENOBUFS',
  'ENOMEM',
  'EADDRNOTAVAIL',
  'ENETUNREACH',
  'ENETDOWN',
  'EAFNOSUPPORT',
  'EAGAIN',
])

export function isOurOwn(code: unknown): code is string {
  return typeof code === 'string' && own.has(code)
}
