const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const
const cleanUps = new Set<() => void>()

/**
 * Calls `cleanUp` if a signal stops the process before the caller calls the returned function.
 * The process still ends by that signal, so that a shell sees the usual status.
 */
export function cleanUpOnInterrupt(cleanUp: () => void): () => void {
  if (cleanUps.size === 0) for (const signal of signals) process.on(signal, stop)
  cleanUps.add(cleanUp)
  return () => {
    cleanUps.delete(cleanUp)
    // Without listeners a signal ends the process at once, even in the middle of long work.
    if (cleanUps.size === 0) for (const signal of signals) process.off(signal, stop)
  }
}

function stop(signal: NodeJS.Signals): void {
  for (const cleanUp of cleanUps) cleanUp()
  for (const each of signals) process.off(each, stop)
  process.kill(process.pid, signal)
}
