import { spawnSync } from 'node:child_process'

/**
 * What laws and samples are drawn from: the commit. Each commit draws anew, and to run one again is to draw the same. `SEED=…` is
 * another one; where there is no commit, it is random.
 */
export const seed: number = Number(
  process.env['SEED'] ?? seedOfCommit() ?? Math.floor(Math.random() * 2 ** 31),
)

function seedOfCommit(): number | undefined {
  const { status, stdout } = spawnSync('git', ['rev-parse', 'HEAD'], {
    cwd: import.meta.dirname,
    encoding: 'utf8',
  })
  return status === 0 ? Number.parseInt(stdout.slice(0, 7), 16) : undefined
}
