import { cp, mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { parseDocument } from 'yaml'
import { runOrThrow } from '../oracle/command.ts'
import { meshc } from '../support/meshc.ts'

const project = join(import.meta.dirname, '../..')

/** A clone of the repository that Argo CD follows, in which a person works. */
export interface Repository {
  /** The address that Argo CD follows. */
  readonly url: string
  /** The folder of the clone. */
  readonly directory: string
  /** Changes values of a spec; `undefined` removes an existing value. */
  readonly edit: (file: string, ...edits: readonly Edit[]) => Promise<void>
  /** Compiles an environment. Throws an error with the output of meshc if the spec has errors. */
  readonly build: (environment: string) => Promise<void>
  /** Commits and pushes all changes. Returns the commit. */
  readonly push: (message: string) => Promise<string>
}

export interface Edit {
  readonly path: readonly (string | number)[]
  readonly value: unknown
}

/** The specs that set the source of deliveries. */
const roots = [
  'spec/base/mesh.yaml',
  'spec/examples/bank/mesh.yaml',
  'spec/examples/bookinfo/mesh.yaml',
  'spec/examples/online-boutique/mesh.yaml',
]

/** Makes a repository without files. */
export async function createRepository(folder: string): Promise<Repository> {
  const bare = join(folder, 'mesh.git')
  const directory = join(folder, 'mesh')
  const git = async (...words: readonly string[]) =>
    (await runOrThrow('git', words, { cwd: directory })).trim()
  await mkdir(directory)
  await runOrThrow('git', ['init', '--quiet', '--bare', '--initial-branch=main', bare])
  await git('init', '--quiet', '--initial-branch=main')
  await git('config', 'user.name', 'somebody')
  await git('config', 'user.email', 'somebody@example.com')
  await git('remote', 'add', 'origin', bare)
  return {
    url: `file://${bare}`,
    directory,
    edit: (file, ...edits) => editFile(join(directory, file), edits),
    build: async environment => {
      const { code, stderr } = await meshc(directory, ['build', '--env', environment])
      if (code !== 0) throw new Error(`meshc build --env ${environment} ended with ${code}:\n${stderr}`)
    },
    push: async message => {
      await git('add', '--all')
      await git('commit', '--quiet', '--message', message)
      await git('push', '--quiet', 'origin', 'main')
      return git('rev-parse', 'HEAD')
    },
  }
}

/**
 * Makes a repository of the project's own specs. The specs name this repository and the Helm repository at a
 * URL as their sources.
 */
export async function createSpecRepository(folder: string, charts: string): Promise<Repository> {
  const repository = await createRepository(folder)
  await cp(join(project, 'spec'), join(repository.directory, 'spec'), { recursive: true })
  for (const file of roots) {
    await repository.edit(
      file,
      { path: ['delivery', 'repository'], value: repository.url },
      { path: ['istio', 'charts'], value: charts },
    )
  }
  return repository
}

async function editFile(file: string, edits: readonly Edit[]): Promise<void> {
  const document = parseDocument(await readFile(file, 'utf8'))
  for (const { path, value } of edits) {
    if (value !== undefined) document.setIn(path, document.createNode(value))
    else if (!document.deleteIn(path)) throw new Error(`${file} has no ${path.join('.')}`)
  }
  await writeFile(file, document.toString({ lineWidth: 0 }))
}
