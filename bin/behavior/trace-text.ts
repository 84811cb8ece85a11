import { computeShare } from '../../compiler/behavior/cluster-share.ts'
import { describeUnmodelledReason, isLimit } from '../../compiler/behavior/index.ts'
import type { Refusal } from '../../compiler/behavior/model.ts'
import type { At, Outcome, Result, Route, Step, Unmodelled } from '../../compiler/behavior/result.ts'
import { makePainter, type Paint } from '../../compiler/diagnostics/frames.ts'
import { makeTextVisible } from '../../compiler/diagnostics/visible.ts'
import { printSpecPath } from '../../compiler/provenance/paths.ts'
import type { Place } from '../../compiler/provenance/place-reasons.ts'
import { findInstances, type MeshAtHand, type OwnedPath } from './mesh.ts'
import type { RefusedTrace } from './trace-json.ts'

/** More places than these of one step are counted. */
const mostPlaces = 3
const labelWidth = 14

/**
 * Renders the result of a request as rows for a reader.
 *
 * @param owned the path of the request, if a team owns it
 * @param refusals the results if an authorizer on the way denies the request; in `result`, all authorizers allow it
 */
export function traceText(
  result: Result,
  mesh: MeshAtHand,
  color: boolean,
  refusals: readonly RefusedTrace[],
  owned?: OwnedPath,
): readonly string[] {
  const paint = makePainter(color)
  const { route, steps, outcomes, unknown } = result
  const isKnown = outcomes.length > 0 && unknown.length === 0
  const rows = [
    ...steps.flatMap(step => listStepRows(step, mesh, paint, '  ')),
    ...(route === undefined ? [] : listRouteRows(route)),
    ...(owned === undefined ? [] : listOwnerRows(owned, paint)),
    ...(result.isOpaque
      ? [row('  ', '', 'the proxy passes it on as bytes: no rule of HTTP applies there')]
      : []),
    ...listUnknownRows(unknown, mesh, paint, '  '),
    ...(isKnown ? outcomes.flatMap(outcome => listOutcomeRows(outcome, route, mesh, paint)) : []),
    '',
    ...listVerdictRows(result, refusals, paint),
  ]
  return rows[0] === '' ? rows.slice(1) : rows
}

/** Writes the verdict; with authorizers, one for each of their answers. */
function listVerdictRows(result: Result, refusals: readonly RefusedTrace[], paint: Paint): readonly string[] {
  const verdict = describeVerdict(result)
  const names = makeTextVisible(refusals.map(({ name }) => name).join(' and '))
  const makeRow = ({ verdict: word }: Result, text: string) => paint(getVerdictStyle(word), text)
  if (refusals.length === 0) return [makeRow(result, verdict)]
  if (result.verdict === 'DENY' && refusals.every(({ result: refused }) => refused.verdict === 'DENY'))
    return [makeRow(result, `${verdict}, whatever ${names} answers`)]
  return [
    makeRow(result, `${verdict}, if ${names} ${refusals.length === 1 ? 'allows' : 'allow'} it`),
    ...refusals.map(({ name, result: refused }) =>
      makeRow(
        refused,
        `${describeVerdict(refused)}, if ${makeTextVisible(name)} refuses it${refused.verdict === 'DENY' ? ' (its answer may have another status)' : ''}`,
      ),
    ),
  ]
}

function listOutcomeRows(
  outcome: Outcome,
  route: Route | undefined,
  mesh: MeshAtHand,
  paint: Paint,
): readonly string[] {
  const { workload, cluster, steps, unknown, verdict } = outcome
  const cut = route?.clusters.find(weightedCluster => weightedCluster.cluster === cluster)
  const share =
    cut === undefined || route === undefined || route.clusters.length < 2
      ? ''
      : `, ${computeShare(cut, route.clusters)} %`
  const where = workload === 'external' ? 'outside the mesh' : (workload ?? cluster)
  const isAlone = where === undefined && steps.length === 0 && unknown.length === 0
  return [
    ...(where === undefined ? [] : ['', makeTextVisible(`  → ${where}${share}`)]),
    ...listInstanceRows(cluster, mesh),
    ...steps.flatMap(step => listStepRows(step, mesh, paint, '    ')),
    ...listUnknownRows(unknown, mesh, paint, '    '),
    ...(isAlone ? [] : [`    ${paint(getVerdictStyle(verdict), describeOutcome(outcome))}`]),
  ]
}

/** Writes the clusters whose instances get the requests, this cluster first. */
function listInstanceRows(cluster: string | undefined, mesh: MeshAtHand): readonly string[] {
  return findInstances(mesh, cluster).map(({ cluster, network, region }, index) => {
    const where = region === undefined ? cluster : `${cluster} (${region})`
    const way = network === undefined ? '' : `, through the east-west gateway of network ${network}`
    return row('    ', index === 0 ? 'instances' : '', `in ${where}${way}`)
  })
}

/** Describes an outcome: `DENY 403 by ns[shop]-policy[cart]-rule[0]`. */
export function describeOutcome({ verdict, status, policy, location, peer }: Outcome): string {
  const why =
    verdict !== 'DENY' || policy === undefined
      ? ''
      : policy === 'none'
        ? ': no rule that allows matches'
        : ` by ${policy}`
  return makeTextVisible(
    [
      verdict,
      ...(status === undefined ? [] : [String(status)]),
      ...(peer !== undefined && verdict === 'ALLOW' ? [`as ${peer}`] : []),
      ...(location === undefined ? [] : [`to ${location}`]),
    ].join(' ') + why,
  )
}

/** Describes the verdict of a result: `ALLOW as spiffe://…`, `UNKNOWN: a limit was passed`. */
export const describeVerdict = ({ verdict, outcomes, unknown }: Result): string => {
  if (verdict === 'UNKNOWN' && unknown.some(({ reason }) => isLimit(reason)))
    return 'UNKNOWN: a limit was passed'
  if (verdict === 'UNKNOWN')
    return `UNKNOWN: ${unknown.length > 0 || outcomes.length > 0 ? 'meshc does not model a part of the manifests' : 'there is no result'}`
  const [only] = outcomes
  if (only === undefined || verdict === 'MIXED') return verdict
  return outcomes.length === 1 ? describeOutcome(only) : verdict
}

const getVerdictStyle = (verdict: Result['verdict']) =>
  verdict === 'ALLOW' ? 'note' : verdict === 'UNKNOWN' || verdict === 'MIXED' ? 'warning' : 'error'

const row = (indent: string, label: string, says: string) =>
  `${indent}${label.padEnd(labelWidth)}${makeTextVisible(says)}`.trimEnd()

const listStepRows = (step: Step, mesh: MeshAtHand, paint: Paint, indent: string) => [
  row(indent, step.step, describeStep(step)),
  ...listIndentedPlaceRows(step.at, mesh, paint, indent),
]

/** Writes a decision in words: `no rule matches`, `not known: ambient mode`. */
export function describeStep({ says, unknown }: Step): string {
  if (unknown === undefined) return says
  return `${says}: ${unknown.reason === undefined ? 'meshc does not model this' : describeUnmodelledReason(unknown.reason)}`
}

function listIndentedPlaceRows(
  at: readonly At[],
  mesh: MeshAtHand,
  paint: Paint,
  indent: string,
): readonly string[] {
  const places = at.flatMap(place => mesh.placeOf(place) ?? [])
  const texts = [...new Set(places.map(describePlaceOfPart))]
  const shown = texts.slice(0, mostPlaces)
  const rest = texts.length - shown.length
  const margin = indent + ' '.repeat(labelWidth)
  return [
    ...shown.map(text => `${margin}${paint('frame', makeTextVisible(text))}`),
    ...(rest > 0 ? [`${margin}and ${rest} more`] : []),
  ]
}

/** `out/prod/a.yaml:12 ← spec/prod/mesh.yaml:3`. */
export const describePlaceOfPart = ({ file, line, spec, decision }: Place): string => {
  const behind =
    spec !== undefined ? ` ← ${spec.file}:${spec.line}` : decision !== undefined ? ` ← ${decision}` : ''
  return `${file}:${line}${behind}`
}

function listUnknownRows(
  unknown: readonly Unmodelled[],
  mesh: MeshAtHand,
  paint: Paint,
  indent: string,
): readonly string[] {
  return unknown.flatMap(unmodelled => [
    row(indent, isLimit(unmodelled.reason) ? 'not known' : 'not modelled', describeConstruct(unmodelled)),
    ...listIndentedPlaceRows([unmodelled], mesh, paint, indent),
  ])
}

/** `VirtualService shop/cart: spec.http[0].fault.abort.grpcStatus (a gRPC status)`. */
export function describeConstruct({ object, path, reason }: Unmodelled | Refusal): string {
  const words = typeof reason === 'object' ? describeUnmodelledReason(reason) : reason
  if (words !== undefined && path.length === 0 && typeof reason === 'object' && isLimit(reason)) return words
  const where = path.length === 0 ? '' : `: ${printSpecPath(path)}`
  return `${object.kind} ${object.namespace}/${object.name}${where}${words === undefined ? '' : ` (${words})`}`
}

function listRouteRows(route: Route): readonly string[] {
  const { clusters, timeout, retries, rewrite, mirror, fault } = route
  const to = (words: string) => row('  ', '', words)
  return [
    ...clusters.map(({ cluster, host, port, subset, weight, known }) =>
      to(
        `${clusters.length > 1 ? `${computeShare({ weight }, clusters)} % ` : ''}to ${host === undefined ? cluster : `${host}:${port}`}${subset === undefined ? '' : `, ${subset}`}${known ? '' : ', which is not there'}`,
      ),
    ),
    ...(timeout ? [to(`within ${printSeconds(timeout)}`)] : []),
    ...(retries === undefined
      ? []
      : [
          to(
            `up to ${retries.attempts} more ${retries.attempts === 1 ? 'try' : 'tries'}${retries.perTryTimeout === undefined ? '' : ` of ${printSeconds(retries.perTryTimeout)}`}, on ${retries.retryOn}${retries.statusCodes === undefined ? '' : ` ${retries.statusCodes.join(',')}`}`,
          ),
        ]),
    ...(rewrite === undefined ? [] : [to(rewriteWords(rewrite))]),
    ...(mirror ?? []).map(({ cluster, percent }) => to(`${percent} % copied to ${cluster}`)),
    ...(fault?.delay === undefined
      ? []
      : [to(`${fault.delay.percent} % wait ${printSeconds(fault.delay.milliseconds)}`)]),
    ...(fault?.abort === undefined
      ? []
      : [to(`${fault.abort.percent} % answered with ${fault.abort.status}`)]),
  ]
}

const listOwnerRows = ({ path, host, team, file, line }: OwnedPath, paint: Paint): readonly string[] => [
  row('  ', 'owner', `${path} of ${host} belongs to ${team}`),
  ...(file === undefined
    ? []
    : [`  ${' '.repeat(labelWidth)}${paint('frame', makeTextVisible(`${file}:${line}`))}`]),
]

const rewriteWords = ({ prefix, regex, substitution, host }: NonNullable<Route['rewrite']>) =>
  [
    ...(prefix === undefined ? [] : [`what matched of the path becomes ${prefix}`]),
    ...(regex === undefined ? [] : [`${regex} in the path becomes ${substitution}`]),
    ...(host === undefined ? [] : [`the host becomes ${host}`]),
  ].join('; ')

const printSeconds = (milliseconds: number) => `${milliseconds / 1000}s`
