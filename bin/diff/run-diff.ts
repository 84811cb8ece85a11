import type { Limits } from '../../compiler/behavior/budget.ts'
import type { SuppressedDiagnostic } from '../../compiler/compile.ts'
import { printCount } from '../../compiler/diagnostics/counted.ts'
import { findNearestName, listQuoted, suggestName } from '../../compiler/diagnostics/suggest.ts'
import {
  isChanged,
  judge,
  makeSideBefore,
  noticeUnprovedExpectation,
  reviewEnvironment,
  reviewJson,
  reviewMarkdown,
  reviewRemoved,
  reviewText,
} from '../../compiler/review/index.ts'
import type { Notice } from '../../compiler/review/notices.ts'
import type { EnvironmentReview } from '../../compiler/review/review.ts'
import type { Review, ReviewedEnvironment } from '../../compiler/review/reviewed.ts'
import { isEqual } from '../../compiler/source/is-equal.ts'
import { type Gate, gates } from '../../schema/gates.ts'
import type { Context, ExitCode, Options } from '../cli/command.ts'
import { Failure } from '../cli/failure.ts'
import { readLimits } from '../cli/limits.ts'
import type { Terminal } from '../cli/terminal.ts'
import { loadManifests } from '../manifests/load-manifests.ts'
import { ownFileName } from '../manifests/own-file-name.ts'
import { printReviewPage } from '../map/print-review-page.ts'
import { adviseMending, type CompiledEnvironments, describeTally } from '../project/compile-environments.ts'
import { openProject } from '../project/project.ts'
import { convertDiagnostics, printReport } from '../report/format.ts'
import { type DiffFormat, diffFormats } from './diff-formats.ts'
import { type Compared, type EnvironmentPair, pairEnvironments } from './environment-pairs.ts'
import { makeFindingsReport } from './findings-report.ts'
import { pairManifests } from './manifest-pairs.ts'

/** 0: nothing changes. 2: something does. 1: it is denied, or a spec does not compile. */
export function runDiff(context: Context): ExitCode {
  const { options, terminal } = context
  const format = readFormat(options)
  const closed = readGates(options)
  const limits = readLimits(options)
  const { compared, root } = readSides(context, limits)
  const { before, after, isRevision, pairs, result, assumed = [] } = compared
  const isPlain = root === undefined
  if (result.failed.length > 0) {
    if (format === 'json') terminal.printJson({ ok: false, diagnostics: convertDiagnostics(result) })
    else {
      printReport(
        format === 'markdown' || format === 'html' ? 'text' : format,
        result,
        terminal,
        root ?? process.cwd(),
      )
      const help =
        adviseMending(result) ??
        `what a change does can be told once ${isPlain ? 'its manifests are as expected' : 'its specs compile'}`
      terminal.problem({ message: describeTally(result), help, paths: [] })
    }
    return 1
  }
  const review: Review = {
    before,
    after,
    environments: pairs.map(pair =>
      reviewed(pair, closed, { before, after }, unprovedExpectations(result, pair, isRevision), limits),
    ),
  }
  if (format === 'text') terminal.print(reviewText(review, terminal.color))
  else if (format === 'markdown') terminal.print(reviewMarkdown(review))
  else if (format === 'html')
    terminal.printDocument(printReviewPage(review, pairs, limits, words => terminal.progress(words)))
  else if (format === 'json')
    terminal.printJson({ ...reviewJson(review), ...(assumed.length > 0 && { assumed }) })
  else printReport(format, makeFindingsReport(review, result), terminal, root ?? process.cwd())
  const code = listDenials(review, isRevision, isPlain, problem => terminal.problem(problem))
  if (closed.length > 0 && refuseUnbuilt(pairs, terminal)) return 1
  return code ?? (isChanged(review) ? 2 : 0)
}

/** Reads the two sides of a call; `root`: the folder of the project, if the sides have specs. */
function readSides(
  { options, terminal, words }: Context,
  limits: Limits,
): { readonly compared: Compared; readonly root: string | undefined } {
  const [old, ...rest] = words
  const meshConfigFile = options.word('mesh-config')
  const environments = options.words('env')
  const base = options.word('base')
  if (words.length > 2)
    throw new Failure(
      `\`diff\` compares two states, and ${words.length} are given`,
      'several folders of one state are `--manifests a --manifests b`',
    )
  const isPair = rest.length > 0
  const named = options.words('manifests')
  const places = isPair ? rest : [...(old === undefined ? [] : [old]), ...named]
  if (isPair) {
    const excess = [base && '--base', named.length > 0 && '--manifests', environments.length > 0 && '--env']
    const given = excess.find(Boolean)
    if (given)
      throw new Failure(`two states and \`${given}\` are given`, 'one thing is compared with another')
    const before = { places: [old!] }
    return { compared: pairManifests({ before, places, meshConfigFile, limits }, terminal), root: undefined }
  }
  if (places.length > 0 && environments.length === 0 && (base !== undefined || !isInProject(options)))
    return {
      compared: pairManifests({ before: { base }, places, meshConfigFile, limits }, terminal),
      root: undefined,
    }
  if (places.length > 0 && base !== undefined)
    throw new Failure(
      '`--base` and `--manifests` are given both, with `--env`',
      'manifests are compared with a revision without `--env`, or with what the spec of `--env` makes without `--base`',
    )
  const project = openProject(options.word('project'))
  const manifests = places.length === 0 ? undefined : loadManifests(places, meshConfigFile)
  for (const note of manifests?.notes ?? []) terminal.note(`note: ${note}`)
  const compared = pairEnvironments(project, { base, manifests, environments, limits }, terminal)
  return { compared, root: project.root }
}

/** Tells whether the folder of a call is in a project with specs. */
function isInProject(options: Options): boolean {
  try {
    openProject(options.word('project'))
    return true
  } catch (error) {
    if (error instanceof Failure && !options.has('project')) return false
    throw error
  }
}

function reviewed(
  { name, sides, waivers, renamedFrom }: EnvironmentPair,
  closed: readonly Gate[],
  { before, after }: Pick<Review, 'before' | 'after'>,
  unproved: readonly Notice[],
  limits: Limits,
): ReviewedEnvironment {
  const former = renamedFrom === undefined ? {} : { renamedFrom }
  const environmentReview = getReview()
  const review = { ...environmentReview, notices: [...environmentReview.notices, ...unproved] }
  return { name, ...former, review, ...judge(review, closed, waivers) }

  function getReview(): EnvironmentReview {
    if (sides === undefined) return reviewRemoved(name, before, after)
    return sides.before === 'nothing'
      ? reviewEnvironment(name, makeSideBefore(before, sides.after), sides.after, { isNew: true, limits })
      : reviewEnvironment(name, sides.before, sides.after, { ...former, limits })
  }
}

/**
 * The expectations of an environment that are neither proved nor refuted. A suppression in the spec lets one pass; since a
 * revision, only where that revision has it just so: no change suppresses for itself.
 */
function unprovedExpectations(
  { environments }: CompiledEnvironments,
  { name, sides }: EnvironmentPair,
  isRevision: boolean,
): readonly Notice[] {
  const before = sides === undefined || sides.before === 'nothing' ? undefined : sides.before
  const entries = before?.spec?.layers.value['suppress']
  const wasSuppressed = ({ because, until }: SuppressedDiagnostic) =>
    !isRevision ||
    (Array.isArray(entries) &&
      entries.some(entry => isEqual(entry, { ...entry, code: unprovedCode, because, until })))
  return environments
    .filter(environment => environment.name === name)
    .flatMap(({ diagnostics, suppressed }) => [
      ...diagnostics,
      ...suppressed.filter(each => !wasSuppressed(each)).map(({ diagnostic }) => diagnostic),
    ])
    .filter(({ code }) => code === unprovedCode)
    .map(({ message }) => noticeUnprovedExpectation(message))
}

/** See docs/diagnostics/MESH3803.md. */
const unprovedCode = 'MESH3803'

/** Lists the denied findings. */
function listDenials(
  review: Review,
  isRevision: boolean,
  isPlain: boolean,
  problem: (problem: Pick<Failure, 'message' | 'help' | 'paths'>) => void,
): ExitCode | undefined {
  const denied = review.environments.flatMap(({ name, denied }) =>
    denied.map(({ gate, reason }) => `${gate}: ${name}: ${reason}`),
  )
  if (denied.length === 0) return undefined
  problem({
    message: `${printCount(denied.length, 'change')} ${denied.length === 1 ? 'is' : 'are'} denied`,
    help: `where one is meant, \`waive\` in ${isPlain ? `the file ${ownFileName} beside the manifests` : 'the spec'} lets it pass, with a reason, an owner and an end${isRevision ? `, once \`${review.before}\` has it: no change waives itself` : ''}`,
    paths: denied,
  })
  return 1
}

/** A gate judges the deployed files: if they are not the result of the specs, it allows nothing. */
function refuseUnbuilt(pairs: readonly EnvironmentPair[], terminal: Terminal): boolean {
  const paths = pairs.flatMap(({ name, unbuilt }) => unbuilt?.().map(path => `out/${name}/${path}`) ?? [])
  if (paths.length === 0) return false
  terminal.problem({
    message: `${printCount(paths.length, 'file')} in \`out/\` ${paths.length === 1 ? 'is' : 'are'} not what the specs make, so what is deployed is not what was compared`,
    help: 'run `meshc build` and commit what it writes',
    paths,
  })
  return true
}

function readFormat(options: Options): DiffFormat {
  const word = options.word('format')
  if (word === undefined) return options.has('json') ? 'json' : 'text'
  const format = diffFormats.find(format => format === word)
  if (format === undefined) {
    const near = findNearestName(word, diffFormats)
    const help = near === undefined ? `there is ${listQuoted(diffFormats)}` : `did you mean \`${near}\`?`
    throw new Failure(`there is no format \`${word}\``, help)
  }
  if (options.has('json') && format !== 'json')
    throw new Failure(`\`--json\` and \`--format ${format}\` are given both`, 'give one of the two')
  return format
}

function readGates(options: Options): readonly Gate[] {
  const known = Object.keys(gates)
  return options.words('deny').flatMap(words =>
    words.split(',').map(word => {
      const name = word.trim()
      if (Object.hasOwn(gates, name)) return name as Gate
      throw new Failure(`there is no change \`${name}\` to deny`, suggestName(name, known))
    }),
  )
}
