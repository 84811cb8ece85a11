/** Milliseconds by a clock that nobody sets. To load `performance` takes a millisecond of each start, and this nothing. */
export const readClock = (): number => process.uptime() * 1000

/** Milliseconds that this process has worked. Other processes do not change it. */
export function readWorkClock(): number {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1000
}
