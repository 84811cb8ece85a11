import { existsSync, realpathSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { Failure } from '../cli/failure.ts'
import { type ProgramRun, runProgram } from './run-program.ts'

/** Git runs commands from the configuration of a bare repository. Any folder with these names in it is one. */
const bareLayouts = [
  ['HEAD', 'objects', 'refs'],
  ['HEAD', 'commondir'],
] as const

/**
 * The folder that git would treat as a bare repository and that a commit may have added: this folder or one above, below the nearest
 * `.git`. Git 2.38 and later refuse such a folder by `safe.bareRepository`; earlier versions have no such setting.
 *
 * @see https://git-scm.com/docs/git-config#Documentation/git-config.txt-safebareRepository
 */
export function findPlantedRepository(folder: string): Failure | undefined {
  for (let path = realpathSync.native(folder); !existsSync(join(path, '.git')); path = dirname(path)) {
    const layout = bareLayouts.find(names => names.every(name => existsSync(join(path, name))))
    if (layout !== undefined)
      return new Failure(
        `\`${path}\` has ${layout.map(name => `\`${name}\``).join(', ')}: git would take it for a repository, and run what its \`config\` says`,
        'move these away: meshc asks git about the repository around them only',
      )
    if (dirname(path) === path) return undefined
  }
  return undefined
}

/**
 * Runs git in a folder such that it runs no code from a commit, and fetches and locks nothing.
 *
 * @returns undefined if git is not installed
 * @throws Failure if a commit has planted a repository around the folder
 */
export function runGit(folder: string, words: readonly string[], input = ''): ProgramRun | undefined {
  const planted = findPlantedRepository(folder)
  if (planted !== undefined) throw planted
  return runProgram('git', ['-c', 'safe.bareRepository=explicit', '-c', 'core.fsmonitor=false', ...words], {
    folder,
    input,
    environment: {
      GIT_OPTIONAL_LOCKS: '0',
      GIT_NO_LAZY_FETCH: '1',
      // Earlier than 2.45, git knows no GIT_NO_LAZY_FETCH: it may use no protocol.
      GIT_ALLOW_PROTOCOL: 'none',
      GIT_TERMINAL_PROMPT: '0',
    },
  })
}
