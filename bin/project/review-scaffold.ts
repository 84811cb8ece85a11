import { parse as parsePath } from 'node:path'
import { Failure } from '../cli/failure.ts'
import type { NewFile } from '../files/write-new-files.ts'
import type { Names } from './example-names.ts'
import { scaffold } from './scaffold.ts'

/** The files of a new project that a repository of manifests without a spec has as well. */
const sharedFiles = [
  '.github/workflows/review.yml',
  'scripts/review.sh',
  'scripts/review-page.sh',
  'package.json',
  '.gitignore',
]
const owners = '.github/CODEOWNERS.example'

/**
 * Makes the files that review each pull request of a repository which has manifests and no spec.
 *
 * @param places the folders of one state of manifests, from the root of the repository
 */
export function scaffoldReview(names: Names, places: readonly string[]): readonly NewFile[] {
  const folders = places.map(toFolder)
  const manifests = folders.join(' ')
  const [before, after] = ['      BASE: HEAD^1\n', 'Waive an intended change in the spec first']
  return scaffold(names)
    .filter(({ path }) => sharedFiles.includes(path) || path === owners)
    .map(file => {
      if (file.path === sharedFiles[0])
        return {
          ...file,
          text: replaceOnce(
            replaceOnce(file.text, before, `${before}      MANIFESTS: ${manifests}\n`),
            after,
            `Waive an intended change in ${folders[0]}/meshc.yaml first`,
          ),
        }
      if (file.path === 'package.json') return { ...file, text: withoutScripts(file.text) }
      if (file.path === owners) return { ...file, text: withOwned(file.text, folders) }
      return file
    })
    .concat({ path: '.pre-commit-config.yaml', text: printHook(folders), isExecutable: false })
}

/** A path from the root of the repository that needs no quotes in a workflow. */
function toFolder(place: string): string {
  const folder = place
    .replaceAll('\\', '/')
    .replace(/^(?:\.\/)+/, '')
    .replace(/\/+$/, '')
  const isPlain = /^[A-Za-z0-9_][\w./-]*$/.test(folder) && !folder.split('/').includes('..')
  if (isPlain && parsePath(folder).root === '') return folder
  throw new Failure(
    `\`${place}\` is no folder that a workflow can name`,
    'name it from the root of the repository, without spaces: `--review clusters/prod`',
  )
}

function replaceOnce(text: string, words: string, replacement: string): string {
  if (text.split(words).length !== 2) throw new Error(`a template has no \`${words}\``)
  return text.replace(words, () => replacement)
}

function withoutScripts(text: string): string {
  const { scripts: _, ...rest } = JSON.parse(text)
  return `${JSON.stringify(rest, undefined, 2)}\n`
}

/** The lines for specs and their output apply to the manifests. */
function withOwned(text: string, folders: readonly string[]): string {
  const [, team = ''] = /^\/spec\/ (.*)$/m.exec(text) ?? []
  return text
    .replace(/^# The specs .*$/m, '# The manifests, with their waivers.')
    .replace(/^\/spec\/.*$/m, () => folders.map(folder => `/${folder}/ ${team}`).join('\n'))
    .replace(/^\/(?:out|argocd)\/.*\n/gm, '')
}

const printHook = (folders: readonly string[]): string => {
  const words = folders.map(folder => `--manifests ${folder}`).join(' ')
  const pattern = folders.map(folder => folder.replaceAll('.', '\\.')).join('|')
  return `# \`pre-commit install\` says at every commit what it changes for requests: https://pre-commit.com
repos:
  - repo: local
    hooks:
      - id: meshc
        name: what the commit changes for requests
        language: system
        # 0: nothing changes; 2: something does. Manifests that cannot be read fail.
        entry: bash -c 'npx --no-install meshc diff ${words} --base HEAD || [ "$?" -eq 2 ]'
        files: ^(${pattern})/
        pass_filenames: false
        verbose: true
`
}
