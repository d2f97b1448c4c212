/** Addresses as URLs: the one that is listened on, and the one to reach it at from this machine. */

/** `http://[::1]:8080` */
export function listenUrl(host: string, port: number): string {
  const bare = host.replace(/^\[(.*)\]$/, '$1')
  return `http://${bare.includes(':') ? `[${bare}]` : bare}:${port}`
}

/** All addresses (`0.0.0.0`, `::`) are reached over the loopback. */
export function reachableUrl(host: string, port: number): string {
  if (host === '0.0.0.0') return listenUrl('127.0.0.1', port)
  return listenUrl(/^\[?::\]?$/.test(host) ? '::1' : host, port)
}
