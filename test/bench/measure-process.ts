import { spawnSync } from 'node:child_process'

export interface Measurement {
  /** Seconds. */
  readonly wall: number
  /** Seconds of user and system time. */
  readonly cpu: number
  /** MiB at the peak. */
  readonly memory: number
}

const ruler = `
import os, sys, time
log = os.open(sys.argv[1], os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
start = time.perf_counter()
actions = [(os.POSIX_SPAWN_DUP2, log, 1), (os.POSIX_SPAWN_DUP2, log, 2)]
pid = os.posix_spawnp(sys.argv[2], sys.argv[2:], os.environ, file_actions=actions)
_, status, used = os.wait4(pid, 0)
print(time.perf_counter() - start, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024)
sys.exit(os.waitstatus_to_exitcode(status))`

/**
 * Runs one process from start to end. Python's wait4 measures the process; Node reports no usage of its
 * children.
 *
 * @param log the file that gets the output
 */
export function measureProcess(
  command: readonly string[],
  log: string,
): Measurement & { readonly status: number | null } {
  // A certificate file for Node would add 28 ms to each of its starts, which users do not have.
  const { NODE_EXTRA_CA_CERTS: _, ...environment } = process.env
  const { status, stdout } = spawnSync('python3', ['-c', ruler, log, ...command], {
    encoding: 'utf8',
    env: environment,
  })
  const [wall = 0, cpu = 0, memory = 0] = stdout.trim().split(' ').map(Number)
  return { wall, cpu, memory, status }
}
