import { basename, resolve } from 'node:path'
import { compile } from '../../compiler/compile.ts'
import { counted } from '../../compiler/diagnostics/counted.ts'
import { isMeshFile } from '../../schema/generated/mesh-validator.mjs'
import type { MeshFile } from '../../schema/spec/mesh.ts'
import type { Command, Options } from '../command.ts'
import { Failure } from '../failure.ts'
import { entries, examples, type Names, scaffold } from '../scaffold.ts'
import { textWorkspace } from '../text-workspace.ts'
import { type NewFile, pathsInTheWay, writeNewFiles } from '../write-new-files.ts'

/** Writes a project that builds at once. */
export const init: Command = {
  name: 'init',
  argument: '[folder]',
  summary: 'Write a project to begin with: spec, editor settings, workflow, Argo CD bootstrap',
  options: [
    { flag: '--mesh <name>', summary: 'The name of the mesh (default: that of the folder)' },
    { flag: '--namespace <name>', summary: 'The namespace of its services (default: the name of the mesh)' },
    { flag: '--host <name>', summary: `The host that it serves (default: ${examples.host})` },
    { flag: '--repository <url>', summary: `The git repository (default: ${examples.repository})` },
  ],
  example: 'meshc init shop --host shop.example.com',
  exitCodes: {
    0: 'the project is written',
    2: 'the call is wrong, or the folder is in the way: nothing is written',
  },
  run({ argument, options, console }) {
    const folder = resolve(argument ?? '.')
    const files = scaffold(namesFrom(options, folder))
    refuseUnlessClean(files)
    const inTheWay = pathsInTheWay(folder, files)
    if (inTheWay.length > 0)
      throw new Failure(
        `${counted(inTheWay.length, 'path')} in \`${folder}\` would be overwritten; nothing was written`,
        'move them away, or name another folder: `meshc init mesh`',
        inTheWay,
      )
    writeNewFiles(folder, files)
    console.print(`wrote ${counted(files.length, 'file')} in ${folder}`)
    console.print(
      [
        '',
        'now:',
        ...(argument === undefined ? [] : [`  cd ${shellWord(argument)}`]),
        '  npm install                     # meshc, for everyone who works on this project',
        '  npx --no-install meshc build    # spec/ into out/',
        '',
        'then make spec/base/mesh.yaml yours; README.md says what else there is',
      ].join('\n'),
    )
    return 0
  },
}

/** A path as one types it. */
const shellWord = (path: string) => (/^[\w./~-]+$/.test(path) ? path : `'${path.replaceAll("'", "'\\''")}'`)

/** What a name is called in a message, and a spec that holds nothing but it. */
const meanings: Readonly<Record<keyof Names, readonly [what: string, spec: (name: string) => MeshFile]>> = {
  mesh: ['the name of a mesh', mesh => ({ mesh })],
  namespace: ['a namespace', namespace => ({ namespaces: { [namespace]: {} } })],
  host: ['a host with a domain', host => ({ gateways: { public: { hosts: [host] } } })],
  repository: ['the URL of a git repository', repository => ({ delivery: { repository } })],
}

function namesFrom(options: Options, folder: string): Names {
  const mesh = named('mesh') ?? meshNameOf(folder)
  return {
    mesh,
    namespace: named('namespace') ?? mesh,
    host: named('host') ?? examples.host,
    repository: named('repository') ?? examples.repository,
  }

  function named(option: keyof Names): string | undefined {
    const name = options.word(option)
    const [what, specOf] = meanings[option]
    if (name === undefined || isMeshFile(specOf(name))) return name
    throw new Failure(`\`${name}\` is not ${what}`, `one looks like \`--${option} ${examples[option]}\``)
  }
}

/** The name of a folder, as far as a mesh can have it. */
function meshNameOf(folder: string): string {
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
  const workspace = textWorkspace(files)
  for (const entry of entries) {
    const [diagnostic] = compile(entry, workspace).diagnostics
    if (diagnostic === undefined) continue
    throw new Failure(`with these names it would not build: ${diagnostic.message}`, diagnostic.help)
  }
}
