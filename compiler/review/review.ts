import { type Limits, usualLimits } from '../behavior/budget.ts'
import type { Comparison, Difference } from '../behavior/compare/difference.ts'
import { compare, listRulePlaces, makeModelReader } from '../behavior/index.ts'
import type { RouteName } from '../behavior/lint/route-states.ts'
import type { ManifestObject } from '../behavior/manifest-object.ts'
import { describeFullRequest } from '../behavior/request-words.ts'
import { listQuoted } from '../diagnostics/suggest.ts'
import { isMap } from '../source/document.ts'
import { listAmbientPolicies } from './advice/ambient-policies.ts'
import { advices } from './advice/index.ts'
import { makeCauseFinder, selectRelevant } from './causes.ts'
import { findNewDeadRoutes, listUntriedFindings, makeDeadFinding } from './dead-routes.ts'
import { giveHelpOnce, makeFinding, mergeFindings } from './difference-findings.ts'
import type { Finding, UnknownFinding } from './findings.ts'
import { type ChangeGroup, findManifestChanges } from './manifest-changes.ts'
import { noticeLocalities } from './notice-localities.ts'
import { noticeMoves } from './notice-moves.ts'
import { noticeRateLimits } from './notice-rate-limits.ts'
import {
  listNotices,
  type Notice,
  newEnvironment,
  noticeRenamedEnvironment,
  noticeUnseenRequests,
  removedEnvironment,
} from './notices.ts'
import { withSharedValues } from './shared-values.ts'
import type { Side } from './side.ts'
import { findSpecEdits, type SpecEdit } from './spec-edits.ts'
import { listRefusedFindings, makeUnknownFinding } from './unknown-findings.ts'

/** The review of an environment as plain data, for the formats. */
export interface EnvironmentReview {
  readonly name: string
  /** The sides that have the environment: `added` and `removed` are on one side only. */
  readonly state: 'kept' | 'added' | 'removed'
  /** The sides that are compared. */
  readonly before: string
  readonly after: string
  /** The findings that no request shows. */
  readonly notices: readonly Notice[]
  readonly findings: readonly Finding[]
  readonly unknown: readonly UnknownFinding[]
  /** The contradictions between the engines of meshc. */
  readonly defects: readonly string[]
  readonly pairs: Comparison['pairs']
  readonly edits: readonly SpecEdit[]
  readonly groups: readonly ChangeGroup[]
  /** The reason why some of the changes have no edit; undefined where all have. */
  readonly unexplained: string | undefined
}

/**
 * Compares two sides of an environment.
 *
 * @param was the deployed state; for a new environment, `sideBefore`
 * @param renamedFrom the name that it had before, if it had another
 * @param limits of the questions about requests: if one passes a limit, its answer is among `unknown`
 */
export function reviewEnvironment(
  name: string,
  was: Side,
  after: Side,
  {
    isNew = false,
    renamedFrom,
    limits = usualLimits,
  }: { readonly isNew?: boolean; readonly renamedFrom?: string; readonly limits?: Limits } = {},
): EnvironmentReview {
  if (isNew && countServices(after) > mostNewServices) {
    const notices = [
      newEnvironment,
      ...noticeUnseenRequests(countServices(after)),
      ...listNotices(was, after),
    ]
    return makeUnaskedReview(name, 'added', { before: was.name, after: after.name }, notices)
  }
  const before = withSharedValues(was, after)
  const isPlain = before.isPlain === true && after.isPlain === true
  const edits = isPlain ? [] : findSpecEdits(before, after)
  // Every object of a new environment is new, so a list of them repeats its folder.
  const groups = isNew ? [] : findManifestChanges(before, after, edits)
  const read = makeModelReader()
  const now = read(listObjects(after))
  const models = { before: read(listObjects(before)), after: now }
  const { differences, unknown, defects, pairs } = compare(models.before, models.after, limits)
  // Every refusal of a new environment differs from an environment without workloads.
  const statedDifferences = isNew ? differences.filter(({ change }) => change === 'opened') : differences
  const parties = (after.spec ?? before.spec)?.parties
  const routes = findNewDeadRoutes(models, limits)
  const findCauses = makeCauseFinder(before, after, edits, [
    ...statedDifferences.map(selectRelevant),
    ...routes.dead.map(listRouteCauses),
  ])
  const isUnexplained = !isPlain && groups.some(({ edits }) => edits.length === 0)
  return {
    name,
    state: isNew ? 'added' : 'kept',
    before: before.name,
    after: after.name,
    notices: [
      ...(isNew ? [newEnvironment] : []),
      ...(renamedFrom === undefined ? [] : [noticeRenamedEnvironment(renamedFrom, name)]),
      ...listNotices(before, after),
      ...(isNew ? [] : noticeLocalities(models, edits, parties)),
      ...(isNew ? [] : noticeRateLimits(models, edits, parties)),
      ...(isNew ? [] : noticeMoves({ before, after }, models, edits, parties)),
    ],
    findings: [
      ...giveHelpOnce(
        mergeFindings(
          statedDifferences.map(difference => {
            const help = advices.flatMap(advice => advice({ difference, differences, ...models }))
            const hosts = difference.destinations.map(({ host }) => host)
            return {
              ...makeFinding(difference, findCauses(selectRelevant(difference), hosts), parties),
              help,
            }
          }),
        ),
      ),
      ...routes.dead.map(dead => makeDeadFinding(dead, findCauses(listRouteCauses(dead)), parties)),
    ],
    unknown: [
      ...giveHelpOnce(
        unknown.map(part => ({
          ...makeUnknownFinding(part, parties),
          help: listAmbientPolicies(part, models.after),
        })),
      ),
      ...listUntriedFindings(routes.notLookedAt, parties),
      ...listRefusedFindings(models.before, models.after),
    ],
    defects: defects.map(
      ({ request, side, regions, evaluation }) =>
        `${describeFullRequest(request)} (${side}): ${regions}, but ${evaluation}`,
    ),
    pairs,
    edits,
    groups,
    unexplained: isUnexplained ? explainMissingEdits(before, after) : undefined,
  }
}

const listRouteCauses = (route: RouteName): Difference['causes'] => ({
  before: [],
  after: listRulePlaces(route),
})

/** The review of a removed environment, which compares no requests. */
export const reviewRemoved = (name: string, before: string, after: string): EnvironmentReview =>
  makeUnaskedReview(name, 'removed', { before, after }, [removedEnvironment])

/**
 * The largest number of services in a new environment whose requests are compared: all pairs of services are new, and their number is
 * the square. A larger environment needs all gates of requests.
 */
const mostNewServices = 400

const countServices = ({ beside }: Side): number =>
  beside.filter(({ value }) => isMap(value) && value['kind'] === 'Service').length

const makeUnaskedReview = (
  name: string,
  state: EnvironmentReview['state'],
  sides: Pick<EnvironmentReview, 'before' | 'after'>,
  notices: readonly Notice[],
): EnvironmentReview => ({
  name,
  state,
  ...sides,
  notices,
  findings: [],
  unknown: [],
  defects: [],
  pairs: { all: 0, compared: 0 },
  edits: [],
  groups: [],
  unexplained: undefined,
})

/** Lists the objects that the cluster gets, and the assumed workloads. */
const listObjects = ({ files, beside }: Side): readonly ManifestObject[] => [
  ...files.filter(({ isForCluster }) => isForCluster).flatMap(({ objects }) => objects),
  ...beside,
]

function explainMissingEdits(
  { version: before, spec, name, files }: Side,
  { version: after, files: filesAfter }: Side,
): string {
  const paths = new Set(files.map(({ path }) => path))
  const added = filesAfter.filter(({ path, isMade }) => !isMade && !paths.has(path))
  if (added.length > 0) return `no spec makes ${listQuoted(added.map(({ path }) => path))}`
  if (before !== undefined && before !== after)
    return `meshc ${before} has built what was there, this is ${after}`
  if (spec === undefined) return `there is no spec of ${name} that could tell`
  return `what ${name} has is not what its specs make`
}
