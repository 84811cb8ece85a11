import { basename, join, resolve } from 'node:path'
import { compile } from '../../compiler/compile.ts'
import { printCount } from '../../compiler/diagnostics/counted.ts'
import { listQuoted } from '../../compiler/diagnostics/suggest.ts'
import { isMeshFile } from '../../schema/generated/mesh-validator.mjs'
import type { MeshFile } from '../../schema/spec/mesh.ts'
import type { Context, ExitCode, Options } from '../cli/command.ts'
import { Failure } from '../cli/failure.ts'
import { statIfThere } from '../files/stat-if-there.ts'
import { makeTextWorkspace } from '../files/text-workspace.ts'
import {
  isFileWritten,
  isRegularFile,
  type NewFile,
  pathsInTheWay,
  writeNewFiles,
} from '../files/write-new-files.ts'
import { isPublished, locatePackageFile, packageName } from '../package.ts'
import { exampleNames, type Names } from '../project/example-names.ts'
import { scaffoldReview } from '../project/review-scaffold.ts'
import { scaffold, scaffoldedSpecs } from '../project/scaffold.ts'

/** Writes a project that builds at once. */
export function runInit({ argument, options, terminal }: Context): ExitCode {
  const folder = resolve(argument ?? '.')
  const places = options.words('review')
  for (const place of places) refuseUnlessFolder(folder, place)
  const files =
    places.length > 0
      ? scaffoldReview(namesFrom(options, folder), places)
      : scaffold(namesFrom(options, folder))
  if (places.length === 0) refuseUnlessClean(files)
  const missing = files.filter(file => !isFileWritten(folder, file))
  // A file that a repository mostly has already stays as it is; meshc can do without its own.
  const kept = missing.filter(file => isOptional(file) && isRegularFile(folder, file))
  const open = missing.filter(file => !kept.includes(file))
  const inTheWay = pathsInTheWay(folder, open)
  if (inTheWay.length > 0)
    throw new Failure(
      `${printCount(inTheWay.length, 'path')} in \`${folder}\` would be overwritten; nothing was written`,
      'move them away, or name another folder: `meshc init mesh`. A project that is there already is changed in `spec/base/mesh.yaml`',
      inTheWay,
    )
  writeNewFiles(folder, open)
  terminal.print(`wrote ${printCount(open.length, 'file')} in ${folder}`)
  if (kept.length > 0) terminal.print(`kept ${listQuoted(kept.map(({ path }) => path))} as it is`)
  terminal.print(
    [
      '',
      'now:',
      ...(argument === undefined || folder === resolve('.') ? [] : [`  cd ${shellWord(argument)}`]),
      isPublished
        ? `  npm install ${kept.some(({ path }) => path === 'package.json') ? `--save-dev ${packageName}` : '                   '} # meshc, for everyone who works on this project`
        : `  ${installFromFile}    # meshc, as a file that you commit`,
      ...(places.length > 0
        ? [
            `  npx --no-install meshc lint ${places.join(' ')}`,
            '',
            `then commit package-lock.json as well; what a review lets pass stands in ${places[0]}/meshc.yaml`,
          ]
        : [
            '  npx --no-install meshc build    # spec/ into out/',
            '',
            'then edit spec/base/mesh.yaml; README.md describes the other files',
          ]),
    ].join('\n'),
  )
  return 0
}

/** The manifests of a review must exist: another folder would be reviewed as empty. */
function refuseUnlessFolder(folder: string, place: string): void {
  if (statIfThere(join(folder, place))?.isDirectory() !== true)
    throw new Failure(
      `there is no folder \`${place}\` in \`${folder}\``,
      '`--review` names the folder of your manifests',
    )
}

/** Files that say nothing of the mesh. */
const isOptional = ({ path }: NewFile) =>
  ['README.md', 'package.json', '.gitignore', '.gitattributes', '.pre-commit-config.yaml'].includes(path) ||
  path.startsWith('.vscode/')

/** Puts the package of this meshc into the folder, and installs it from there: this works without a registry. */
const installFromFile = `npm install --save-dev "./$(npm pack --silent --ignore-scripts ${shellWord(resolve(locatePackageFile('.')))})"`

/** A path as one types it. */
function shellWord(path: string): string {
  return /^[\w./~@-]+$/.test(path) ? path : `'${path.replaceAll("'", "'\\''")}'`
}

/** The word for each name in a message, and a spec that holds nothing but it. */
const meanings: Readonly<Record<keyof Names, readonly [what: string, spec: (name: string) => MeshFile]>> = {
  mesh: ['the name of a mesh', mesh => ({ mesh })],
  namespace: ['a namespace', namespace => ({ namespaces: { [namespace]: {} } })],
  host: ['a host with a domain', host => ({ gateways: { public: { hosts: [host] } } })],
  repository: ['the URL of a git repository', repository => ({ delivery: { repository } })],
}

function namesFrom(options: Options, folder: string): Names {
  const mesh = named('mesh') ?? getMeshName(folder)
  return {
    mesh,
    namespace: named('namespace') ?? mesh,
    host: named('host') ?? exampleNames.host,
    repository: named('repository') ?? exampleNames.repository,
  }

  function named(option: keyof Names): string | undefined {
    const name = options.word(option)
    const [what, specOf] = meanings[option]
    if (name === undefined || isMeshFile(specOf(name))) return name
    throw new Failure(`\`${name}\` is not ${what}`, `one looks like \`--${option} ${exampleNames[option]}\``)
  }
}

/** The name of a folder, as far as a mesh can have it. */
function getMeshName(folder: string): string {
  const name = basename(folder)
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^[^a-z]+/, '')
    .slice(0, 63)
    .replace(/-+$/, '')
  return name === '' ? 'mesh' : name
}

/** A name may be well formed, and still not fit: nothing is written that would not build. */
function refuseUnlessClean(files: readonly NewFile[]): void {
  const workspace = makeTextWorkspace(files)
  for (const entry of scaffoldedSpecs) {
    const [diagnostic] = compile(entry, workspace).diagnostics
    if (diagnostic === undefined) continue
    throw new Failure(`with these names it would not build: ${diagnostic.message}`, diagnostic.help)
  }
}
