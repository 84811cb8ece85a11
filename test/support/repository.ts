import { execFileSync } from 'node:child_process'
import { project } from './project.ts'

/** Runs git with the settings of a fresh clone, independent of the settings of the machine. */
export const git = (folder: string, ...words: readonly string[]) =>
  execFileSync('git', words, {
    cwd: folder,
    encoding: 'utf8',
    stdio: 'pipe',
    env: {
      PATH: process.env['PATH'],
      GIT_CONFIG_GLOBAL: '/dev/null',
      GIT_CONFIG_NOSYSTEM: '1',
      ...Object.fromEntries(
        ['AUTHOR', 'COMMITTER'].flatMap(role => [
          [`GIT_${role}_NAME`, 'A Person'],
          [`GIT_${role}_EMAIL`, 'person@example.com'],
        ]),
      ),
    },
  })

/** Commits all files in a folder. */
export function commit(folder: string): void {
  git(folder, 'add', '--all')
  git(folder, 'commit', '--quiet', '--message', 'a change')
}

/** Makes a repository with one commit of these files. */
export function repository(files: Readonly<Record<string, string>>): string {
  const folder = project(files)
  git(folder, 'init', '--quiet', '--initial-branch', 'main')
  commit(folder)
  return folder
}
