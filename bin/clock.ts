/** Milliseconds by a clock that nobody sets. To load `performance` takes a millisecond of each start, and this nothing. */
export const clock = (): number => process.uptime() * 1000
