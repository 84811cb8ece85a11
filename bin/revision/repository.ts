import { Failure } from '../cli/failure.ts'
import { runGit } from '../programs/git.ts'
import type { ProgramRun } from '../programs/run-program.ts'

/** A git repository, and the path of the project in it. */
export interface Repository {
  /** The folder that git runs in. */
  readonly folder: string
  /** The path from the root of the repository to the project, with a slash at its end; empty if they are equal. */
  readonly prefix: string
}

/** A commit: its digest, and the words with which the user named it. */
export interface Commit {
  readonly digest: string
  readonly words: string
}

/** The repository of a folder. */
export function openRepository(folder: string): Repository {
  const { isGood, stdout } = git(folder, ['rev-parse', '--show-prefix'])
  if (!isGood)
    throw new Failure(
      `\`${folder}\` is in no git repository, so there is no revision to compare with`,
      'compare two environments with `--env staging..prod`, or with a folder: `--manifests <folder>`',
    )
  return { folder, prefix: stdout.trimEnd() }
}

/**
 * The commit for the words of `--base`: a revision, or `a...b` for the merge base of the two. Without words, the merge base of the
 * working tree and the default branch of `origin`.
 */
export function findCommit(repository: Repository, words: string | undefined): Commit {
  if (words === undefined) return parting(repository, defaultBranch(repository), 'HEAD')
  const [, left, right] = /^(.*?)\.\.\.(.*)$/.exec(words) ?? []
  if (left === undefined || right === undefined) return { digest: getCommitDigest(repository, words), words }
  return parting(repository, left || 'HEAD', right || 'HEAD')
}

function parting(repository: Repository, left: string, right: string): Commit {
  const sides = [getCommitDigest(repository, left), getCommitDigest(repository, right)]
  const { isGood, stdout } = git(repository.folder, ['merge-base', ...sides])
  if (isGood) return { digest: stdout.trim(), words: left }
  throw new Failure(
    `\`${left}\` and \`${right}\` have no commit in common here`,
    isShallow(repository)
      ? `the clone is shallow: \`git fetch --unshallow\`, or in a workflow \`fetch-depth: 0\` for actions/checkout`
      : `name the commit to compare with: \`--base ${left}\``,
  )
}

function defaultBranch({ folder }: Repository): string {
  const { isGood, stdout } = git(folder, ['symbolic-ref', '--quiet', '--short', 'refs/remotes/origin/HEAD'])
  if (isGood) return stdout.trim()
  if (!git(folder, ['config', '--get', 'remote.origin.url']).isGood)
    throw new Failure(
      'the repository has no remote `origin` with a default branch to compare with',
      'name a revision, such as `--base HEAD` for the last commit',
    )
  throw new Failure(
    'the default branch of `origin` is not known, so there is nothing to compare with',
    'name a revision, such as `--base origin/main`; `git remote set-head origin --auto` makes it known',
  )
}

function getCommitDigest(repository: Repository, words: string): string {
  const { folder } = repository
  const programRun = git(folder, [
    'rev-parse',
    '--verify',
    '--quiet',
    '--end-of-options',
    `${words}^{commit}`,
  ])
  // `^main` excludes a branch: git returns the digest with the sign before it.
  if (programRun.isGood && /^[0-9a-f]+$/.test(programRun.stdout.trim())) return programRun.stdout.trim()
  const [, remote, branch] = /^(origin)\/(.+)$/.exec(words) ?? []
  const fetching = remote === undefined ? undefined : `\`git fetch ${remote} ${branch}\` gets it`
  const shallow = isShallow(repository)
    ? 'the clone is shallow: `git fetch --unshallow`, or in a workflow `fetch-depth: 0` for actions/checkout'
    : undefined
  throw new Failure(
    `there is no revision \`${words}\``,
    [fetching, shallow].filter(help => help !== undefined).join('; ') ||
      '`git branch --all` lists the branches',
  )
}

const isShallow = ({ folder }: Repository) =>
  git(folder, ['rev-parse', '--is-shallow-repository']).stdout.trim() === 'true'

/** The entry that git keeps of a file. */
export interface TreeEntry {
  readonly digest: string
  readonly kind: 'file' | 'link' | 'other'
}

/** The files of a commit below some folders of the project, by their paths from the project. */
export function readCommitTree(
  repository: Repository,
  { digest }: Commit,
  folders: readonly string[],
): ReadonlyMap<string, TreeEntry> {
  const { folder, prefix } = repository
  const paths = folders.map(path => `${prefix}${path}`)
  const words = ['--literal-pathspecs', 'ls-tree', '-r', '-z', '--full-tree', digest, '--', ...paths]
  const run = git(folder, words)
  if (!run.isGood) throw missing(repository, `the files of \`${digest}\``, run)
  return new Map(
    run.stdout.split('\0').flatMap(line => {
      const [, mode, digest, path] = /^(\d+) \w+ ([0-9a-f]+)\t(.*)$/s.exec(line) ?? []
      if (mode === undefined || digest === undefined || path === undefined) return []
      const kind = mode.startsWith('100') ? 'file' : mode === '120000' ? 'link' : 'other'
      return [[path.slice(prefix.length), { digest, kind }] as const]
    }),
  )
}

/** No file of a mesh is so large, in bytes, and no text can be twice as long. */
const largestObject = 2 ** 28

/** The contents of files by their digests, read by one process. */
export function readContents(repository: Repository, digests: Iterable<string>): ReadonlyMap<string, Buffer> {
  const asked = [...new Set(digests)]
  if (asked.length === 0) return new Map()
  const run = git(repository.folder, ['cat-file', '--batch'], `${asked.join('\n')}\n`)
  const { isGood, bytes } = run
  const contents = new Map<string, Buffer>()
  let at = 0
  for (const digest of asked) {
    const end = bytes.indexOf(0x0a, at)
    const size = Number(/ blob (\d+)$/.exec(bytes.toString('latin1', at, end))?.[1] ?? Number.NaN)
    if (size > largestObject)
      throw new Failure(
        `the object ${digest} is larger than ${largestObject / 2 ** 20} MiB`,
        'meshc makes and reads no such file',
      )
    if (!isGood || end === -1 || Number.isNaN(size)) throw missing(repository, `the object ${digest}`, run)
    contents.set(digest, bytes.subarray(end + 1, end + 1 + size))
    at = end + 1 + size + 1
  }
  return contents
}

function git(folder: string, words: readonly string[], input?: string): ProgramRun {
  const run = runGit(folder, words, input)
  if (run === undefined) throw new Failure('git is not installed', 'revisions are read with it')
  return run
}

/** Explains why an object is not there, and how to get it: meshc lets git fetch nothing. */
function missing({ folder }: Repository, what: string, { trouble }: ProgramRun): Failure {
  const isPartial = git(folder, ['config', '--get-regexp', '^remote\\..*\\.promisor$']).stdout.trim() !== ''
  return new Failure(
    `git cannot read ${what}${trouble === '' ? '' : `: ${trouble}`}`,
    isPartial
      ? 'the clone leaves objects out (`--filter`): `git fetch --refetch --no-filter origin` gets them'
      : 'fetch the revision again',
  )
}
