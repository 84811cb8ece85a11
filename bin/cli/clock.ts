/** Milliseconds by a clock that no user sets. Loading `performance` takes a millisecond of each start, and this takes none. */
export const readClock = (): number => process.uptime() * 1000

/** Milliseconds that this process has worked. Other processes do not change it. */
export function readWorkClock(): number {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1000
}
