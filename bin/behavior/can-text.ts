import type { Allowed, AllowedLine } from '../../compiler/behavior/allowed/allowed.ts'
import type { Words } from '../../compiler/behavior/model.ts'
import type { Request } from '../../compiler/behavior/request.ts'
import { makePainter } from '../../compiler/diagnostics/frames.ts'
import { makeTextVisible } from '../../compiler/diagnostics/visible.ts'
import type { MeshAtHand } from './mesh.ts'
import { describeConstruct, describeOutcome, describePlaceOfPart } from './trace-text.ts'

/** Renders the requests that a caller may make at a port, as rows for a person. */
export function canText(allowed: Allowed, mesh: MeshAtHand, color: boolean): readonly string[] {
  const paint = makePainter(color)
  const { request, workloads, lines, open } = allowed
  // If all workloads are open, only the last row shows it.
  const isMixed = open.length < workloads.length
  const rows = (verdict: AllowedLine['verdict'], label: string, style: 'note' | 'error' | 'warning') =>
    lines
      .filter(line => line.verdict === verdict)
      .flatMap(line => [
        `  ${paint(style, label)} ${makeTextVisible(describeLine(line, request, workloads))}`,
        ...[mesh.placeOf(line.at)].flatMap(place =>
          place === undefined
            ? []
            : [`          ${paint('frame', makeTextVisible(describePlaceOfPart(place)))}`],
        ),
        ...line.unknown.map(unknown => `          ${makeTextVisible(describeConstruct(unknown))}`),
      ])
  return [
    paint('strong', makeTextVisible(makeDestinationHeading(request, workloads))),
    ...rows('DENY', 'never  ', 'error'),
    ...rows('ASK', 'asks   ', 'warning'),
    ...rows('ALLOW', 'may    ', 'note'),
    ...(isMixed
      ? open.map(
          givenLine =>
            `  ${paint('note', 'may    ')} ${makeTextVisible(`whatever gets to ${givenLine.workload}, as ${describeTriedRequest(givenLine.request)}`)}`,
        )
      : []),
    ...rows('UNKNOWN', 'unclear', 'warning'),
    ...listRestRows(allowed).map(words => `  ${makeTextVisible(words)}`),
  ]
}

function makeDestinationHeading({ to, protocol = 'http' }: Request, workloads: readonly string[]): string {
  const behind = workloads.length === 0 ? '' : `, to ${workloads.join(', ')}`
  return `${protocol}://${to.host}:${to.port}${behind}`
}

/** Makes the rows for the requests that no line is about. */
function listRestRows({ request, result, lines }: Allowed): readonly string[] {
  const isHttp = request.protocol === 'http'
  // A connection has no parts for which another line could differ.
  if (!isHttp && lines.some(({ verdict }) => verdict === 'ALLOW')) return []
  const { outcomes, unknown, verdict } = result
  const label = lines.length > 0 ? 'else   ' : isHttp ? 'all    ' : ''
  const says =
    unknown.length > 0
      ? unknown.map(unmodelled => `UNKNOWN: ${describeConstruct(unmodelled)}`)
      : outcomes.length === 0
        ? [verdict]
        : outcomes.map(outcome => describeOutcome(outcome))
  const tried = isHttp ? ` (tried ${request.method} ${request.path})` : ''
  return [...new Set(says)].map(words => `${label} ${words}${tried}`.trimStart())
}

/** `GET, POST /api/*, with a token of https://login.example.com`. */
function describeLine(
  { source, operation, when, workloads, request: tried }: AllowedLine,
  request: Request,
  all: readonly string[],
): string {
  const what =
    request.protocol !== undefined && request.protocol !== 'http'
      ? 'connect'
      : `${findWords(operation?.methods) ?? 'any method'} ${findWords(operation?.paths) ?? 'any path'}`
  const demands = [
    describeDemand('host', operation?.hosts),
    describeDemand('port', operation?.ports),
    describeDemand('a token of', source?.requestPrincipals),
    describeDemand('address', source?.ipBlocks),
    describeDemand('address of the client', source?.remoteIpBlocks),
    ...when.map(({ key, ...words }) => describeDemand(key, words)),
  ].filter(words => words !== undefined)
  const only = workloads.length < all.length ? [`at ${workloads.join(', ')}`] : []
  const extra = tried.headers === undefined || demands.length > 0 ? [] : listHeaderWords(tried)
  return [what, ...demands, ...only, ...extra].join(', ')
}

const describeTriedRequest = (request: Request): string =>
  request.protocol === 'http'
    ? [`${request.method} ${request.path}`, ...listHeaderWords(request)].join(' ')
    : 'a connection'

const listHeaderWords = ({ headers = {} }: Request) =>
  Object.entries(headers).map(([name, value]) => `with ${name}: ${value}`)

const describeDemand = (name: string, words: Words | undefined): string | undefined => {
  const text = findWords(words)
  return text === undefined ? undefined : `${name} ${text}`
}

/** Finds the words that a demand can be met with; undefined: nothing is demanded. */
function findWords(words: Words | undefined): string | undefined {
  const { values = [], notValues = [] } = words ?? {}
  if (values.length === 0 && notValues.length === 0) return undefined
  const not = notValues.length === 0 ? [] : [`not ${notValues.join(', ')}`]
  return [...(values.length === 0 ? [] : [values.join(', ')]), ...not].join(' but ')
}
