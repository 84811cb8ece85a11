import { existsSync, readdirSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { readIfThere } from '../files/read-file.ts'
import { statIfThere } from '../files/stat-if-there.ts'
import { findPlantedRepository, runGit } from '../programs/git.ts'
import {
  type Check,
  type Examined,
  type Installation,
  reportDoubtful,
  reportGood,
  reportUnseen,
  reportWrong,
} from './check.ts'

/** Checks that commits and merges are checked: by a hook, and by a workflow with the Istio of the specs. */
export const repositoryCheck: Check = {
  name: 'repository',
  examine: installation => [...hooks(installation), ...workflows(installation)],
}

function hooks({ project: { root } }: Installation): readonly Examined[] {
  const planted = findPlantedRepository(root)
  if (planted !== undefined) return [reportWrong(planted.message, planted.help!)]
  const git = runGit(root, ['rev-parse', '--git-path', 'hooks'])
  if (git === undefined) return [reportUnseen('git is not installed: hooks are not looked at')]
  if (!git.isGood)
    return [reportDoubtful('the project is not in a git repository', '`git init`, and commit spec/ and out/')]
  const installed = ['pre-commit', 'pre-push'].map(name => join(resolve(root, git.stdout.trim()), name))
  const configured = ['.pre-commit-config.yaml', '.husky/pre-commit', 'lefthook.yml', 'lefthook.yaml'].map(
    path => join(root, path),
  )
  const config = configured.find(path => checksSpecs(root, path))
  if (installed.some(path => checksSpecs(root, path))) return [reportGood('a hook of git runs meshc')]
  if (config === undefined)
    return [
      reportDoubtful(
        'no hook checks what is committed',
        'let a hook run `meshc build --check`; .pre-commit-config.yaml can',
      ),
    ]
  const name = config.slice(root.length + 1)
  if (!name.startsWith('.pre-commit') || installed.some(path => existsSync(path)))
    return [reportGood(`\`${name}\` runs meshc`)]
  return [
    reportDoubtful(
      `\`${name}\` runs meshc, but is not installed as a hook here`,
      '`pre-commit install` does',
    ),
  ]
}

function workflows({ project: { root }, result }: Installation): readonly Examined[] {
  const folder = join(root, '.github/workflows')
  const files = [
    ...(statIfThere(folder)?.isDirectory()
      ? readdirSync(folder).map(name => `.github/workflows/${name}`)
      : []),
    ...['.gitlab-ci.yml', 'Jenkinsfile', 'azure-pipelines.yml', '.circleci/config.yml'],
  ]
  const running = files.filter(path => checksSpecs(root, join(root, path)))
  if (running.length === 0)
    return [reportDoubtful('no workflow checks what is merged', 'let it run `meshc build --check --verify`')]
  return running.flatMap(path => {
    const version = /ISTIO_VERSION['"]?\s*[:=]\s*['"]?v?(\d+\.\d+\.\d+)/.exec(
      readIfThere(join(root, path), largestScript) ?? '',
    )?.[1]
    const compiled = result.compiled.filter(({ compilation }) =>
      compilation.mesh.istio.controlPlanes.every(plane => plane.version.value !== version),
    )
    if (version === undefined || compiled.length === 0) return [reportGood(`\`${path}\` runs meshc`)]
    const { environment, compilation } = compiled[0]!
    return [
      reportWrong(
        `\`${path}\` checks against Istio ${version}, \`${environment.name}\` is for ${compilation.mesh.istio.version.value}`,
        'name the same version in both',
      ),
    ]
  })
}

/** Hooks and workflows have some kilobytes. */
const largestScript = 2 ** 20

/**
 * Tells whether a file has meshc build or validate, which its hooks and its action do too, or runs a script of the project that
 * does.
 */
function checksSpecs(root: string, path: string): boolean {
  const text = readIfThere(path, largestScript)
  if (text === undefined) return false
  const words = text.split(/[^\w./-]+/).map(word => word.replace(/[./-]+$/, ''))
  const scripts = new Set(words.filter(word => /\.(?:sh|[cm]?[jt]s)$/.test(word)))
  if (/\bnpm (?:run|test)\b/.test(text)) scripts.add('package.json')
  return [text, ...[...scripts].map(script => readIfThere(join(root, script), largestScript))].some(
    text => text !== undefined && /\bmeshc(?:[ -](?:build|check|validate)\b|@)/.test(text),
  )
}
