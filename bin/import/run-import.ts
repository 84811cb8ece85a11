import { basename, relative, resolve } from 'node:path'
import { once } from '../../compiler/basics/once.ts'
import { makeModelReader } from '../../compiler/behavior/index.ts'
import type { ImportedMesh } from '../../compiler/import/import-mesh.ts'
import { getEntry, type ImportedEnvironment, printSpecs } from '../../compiler/import/spec-files.ts'
import { isEnvironmentName } from '../../compiler/source/load.ts'
import type { Context, ExitCode, Options } from '../cli/command.ts'
import { Failure } from '../cli/failure.ts'
import { readLimits } from '../cli/limits.ts'
import { type NewFile, pathsInTheWay, writeNewFiles } from '../files/write-new-files.ts'
import { type LoadedManifests, loadManifests } from '../manifests/load-manifests.ts'
import { importJson } from './import-json.ts'
import { importManifests, makeHead } from './import-manifests.ts'
import { importText, reviewImport } from './import-text.ts'
import { runMerge } from './run-merge.ts'

/**
 * Writes the specs of manifests, or merges a later change of them into a spec. Ends with 0 if each spec is proved to have the same
 * behavior, or if its differences are accepted.
 */
export function runImport(context: Context): ExitCode {
  return context.options.has('merge') ? runMerge(context) : importAll(context)
}

function importAll(context: Context): ExitCode {
  const { options, terminal } = context
  if (options.word('base') !== undefined)
    throw new Failure('`--base` goes with `--merge`', 'a first import takes the manifests as they are now')
  const call = readImportCall(context)
  const isAccepted = options.has('accept')
  const reportOf = (name: string) => `spec/${name}/import.txt`
  const paths = call.environments.flatMap(({ name }) => [
    getEntry(name),
    ...(isAccepted ? [reportOf(name)] : []),
  ])
  if (call.environments.length > 1) paths.push('spec/base/mesh.yaml')
  refusePresent(call.root, paths)
  const environments = call.environments.map(environment => importEnvironment(environment, call, context))
  const files = printSpecs(environments)
  refusePresent(
    call.root,
    files.map(({ name }) => name),
  )
  const reports = environments.map(environment => {
    const folder = `spec/${environment.name}/`
    const texts = files.filter(({ name }) => name.startsWith(folder)).map(({ text }) => text)
    const text = texts.join('')
    const review = once(() => reviewImport(environment, environment.manifests, readLimits(options)))
    return { ...environment, text, isProved: isProvedEqual(environment.imported), review }
  })
  writeNewFiles(call.root, [
    ...files.map(({ name, text }) => makeFile(text)(name)),
    ...reports.flatMap(report =>
      isAccepted && !report.isProved
        ? [makeFile(`${importText(report, false)}\n`)(reportOf(report.name))]
        : [],
    ),
  ])
  if (options.has('json')) terminal.printJson({ environments: reports.map(importJson) })
  else terminal.print(reports.map(report => importText(report, terminal.color)).join('\n\n'))
  return isAccepted || reports.every(({ isProved }) => isProved) ? 0 : 1
}

/** Refuses to write over a file. */
function refusePresent(root: string, paths: readonly string[]): void {
  const [present] = pathsInTheWay(root, paths.map(makeFile('')))
  if (present !== undefined)
    throw new Failure(
      `\`${present}\` is there already`,
      'bring a change of the manifests into it with `--merge`, import into another environment, or move the file away',
    )
}

const makeFile =
  (text: string) =>
  (path: string): NewFile => ({ path, text, isExecutable: false })

/** The arguments of an import. */
interface Call {
  readonly root: string
  readonly mesh: string
  readonly environments: readonly NamedManifests[]
  /** The namespaces to import; empty: all. */
  readonly namespaces: readonly string[]
}

/** The places of the manifests of an environment. */
interface NamedManifests {
  readonly name: string
  readonly places: readonly string[]
}

function readImportCall({ words, options }: Context): Call {
  const root = resolve(options.word('project') ?? '.')
  const mesh = options.word('mesh') ?? nameMesh(basename(root))
  if (!/^[a-z]([-a-z0-9]{0,61}[a-z0-9])?$/.test(mesh))
    throw new Failure(`\`${mesh}\` is no name of a mesh`, 'it is a DNS label, such as `shop`')
  const namespaces = options.words('namespace')
  return { root, mesh, environments: readEnvironments(words, options), namespaces }
}

function readEnvironments(words: readonly string[], options: Options): readonly NamedManifests[] {
  const named = options.words('env')
  if (named.length === 0)
    throw new Failure('no environment is named', 'say which one the manifests are of: `--env prod`')
  const environments = named.map((word): NamedManifests => {
    const equals = word.indexOf('=')
    return equals === -1
      ? { name: word, places: words }
      : { name: word.slice(0, equals), places: [word.slice(equals + 1)] }
  })
  for (const { name, places } of environments) {
    if (!isEnvironmentName(name))
      throw new Failure(
        `\`${name}\` is no name of an environment`,
        'it has letters, digits, dots and dashes, and a letter or digit first and last',
      )
    if (places.length === 0)
      throw new Failure(
        `no manifests of \`${name}\` are named`,
        'name folders or files: `meshc import clusters/prod --env prod`, or `--env dev=clusters/dev --env prod=clusters/prod`',
      )
  }
  const isAlone = environments.length === 1
  if (!isAlone && words.length > 0)
    throw new Failure(
      `\`${words[0]}\` is of one environment, and there are ${environments.length}`,
      'name the manifests of each: `--env dev=clusters/dev --env prod=clusters/prod`',
    )
  return environments
}

const nameMesh = (folder: string): string =>
  folder
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^[^a-z]+|-+$/g, '')
    .slice(0, 63) || 'mesh'

function importEnvironment(
  { name, places }: NamedManifests,
  { root, mesh, namespaces }: Call,
  context: Context,
): ImportedEnvironment & { readonly manifests: LoadedManifests } {
  context.terminal.progress(`${name}: reading the manifests`)
  const manifests = loadManifests(places, context.options.word('mesh-config'))
  const part = namespaces.length === 0 ? undefined : readPartOfMesh(namespaces, places, root)
  const head = makeHead({
    mesh,
    environment: name,
    manages: part === undefined ? 'mesh' : { namespaces },
    surroundings: part?.folders,
  })
  context.terminal.progress(`${name}: comparing a spec with the manifests`)
  return { ...importManifests({ name, manifests, head, part, read: makeModelReader() }, context), manifests }
}

function readPartOfMesh(namespaces: readonly string[], places: readonly string[], root: string) {
  const folders = places.map(place => {
    const path = relative(root, resolve(place)).replaceAll('\\', '/')
    if (path !== '' && !path.startsWith('..') && place !== '-') return path
    throw new Failure(
      `\`${place}\` lies outside of the project`,
      'a spec of a part reads the rest from folders of its own repository',
    )
  })
  return { namespaces: new Set(namespaces), folders }
}

/** Tells whether every request provably has the same result as before. */
const isProvedEqual = ({ comparison: { differences, unknown, defects } }: ImportedMesh): boolean =>
  differences.length + unknown.length + defects.length === 0
