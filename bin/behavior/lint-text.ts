import type { MtlsCell, MtlsRow } from '../../compiler/behavior/lint/mtls-matrix.ts'
import { describeFullRequest, describeHost } from '../../compiler/behavior/request-words.ts'
import type { At } from '../../compiler/behavior/result.ts'
import { printCount } from '../../compiler/diagnostics/counted.ts'
import { makePainter, type Paint } from '../../compiler/diagnostics/frames.ts'
import { makeTextVisible } from '../../compiler/diagnostics/visible.ts'
import type { Lint, LintFinding } from './lint-findings.ts'
import type { MeshAtHand } from './mesh.ts'
import { describeConstruct, describePlaceOfPart } from './trace-text.ts'

const indentation = ' '.repeat(13)

/** Renders the findings of lint as rows for a person. */
export function lintText(lint: Lint, mesh: MeshAtHand, color: boolean): readonly string[] {
  const paint = makePainter(color)
  const listFindings = (part: LintFinding['part']) => lint.findings.filter(finding => finding.part === part)
  const refused = listFindings('object')
  return [
    ...(refused.length === 0
      ? []
      : [paint('strong', 'OBJECTS'), ...listFindingRows(refused, '', mesh, paint), '']),
    paint('strong', 'ROUTES'),
    ...listFindingRows(
      listFindings('route'),
      `${printCount(lint.routes, 'route')}: requests reach each of them`,
      mesh,
      paint,
    ),
    '',
    paint('strong', 'RULES'),
    ...listFindingRows(
      listFindings('rule'),
      `${printCount(lint.rules, 'rule')}: each of them decides about a request`,
      mesh,
      paint,
    ),
    '',
    paint('strong', 'MTLS'),
    ...listMtlsRows(lint.mtls, mesh, paint),
  ]
}

function listFindingRows(
  findings: readonly LintFinding[],
  none: string,
  mesh: MeshAtHand,
  paint: Paint,
): readonly string[] {
  if (findings.length === 0) return [`  ${none}`]
  return findings.flatMap(({ state, name, at, part, witness, eatenBy, isAllowedByNothing, unknown }) => [
    `  ${paint(state === 'unknown' ? 'warning' : 'error', findingLabels[state].padEnd(10))} ${makeTextVisible(name)}`,
    ...placeRows(at, mesh, paint),
    ...(state === 'idle' || state === 'unselected' ? [`${indentation}${stateReasons[part][state]}`] : []),
    ...(witness === undefined
      ? []
      : [
          `${indentation}${part === 'route' ? 'it would take' : 'it would decide about'} ${makeTextVisible(describeFullRequest(witness))}`,
        ]),
    ...(isAllowedByNothing ? [`${indentation}but no rule allows what it matches`] : []),
    ...eatenBy.flatMap(eater => [
      `${indentation}but first comes ${makeTextVisible(eater.name)}`,
      ...placeRows(eater.at, mesh, paint),
    ]),
    ...[...new Set(unknown.map(describeConstruct))].map(words => `${indentation}${makeTextVisible(words)}`),
  ])
}

/** Describes in one line why a route or rule is not live: `first comes VirtualService shop/cart http[0]`. */
export function noteWords({ state, part, isAllowedByNothing, eatenBy, unknown }: LintFinding): string {
  return [
    ...(state === 'idle' || state === 'unselected' ? [stateReasons[part][state]] : []),
    ...(eatenBy.length === 0 ? [] : [`first comes ${eatenBy.map(({ name }) => name).join(', ')}`]),
    ...(isAllowedByNothing ? ['no rule allows the requests that it matches'] : []),
    ...new Set(unknown.map(describeConstruct)),
  ].join('; ')
}

const findingLabels = {
  dead: 'dead',
  idle: 'idle',
  unselected: 'for none',
  unknown: 'unclear',
  refused: 'refused',
} as const

const stateReasons = {
  object: { idle: '', unselected: '' },
  route: { idle: 'no request can match it', unselected: '' },
  rule: {
    idle: 'no request that gets there matches it',
    unselected: 'no workload of the manifests is selected',
  },
} as const

function placeRows(at: readonly At[], mesh: MeshAtHand, paint: Paint): readonly string[] {
  const places = at.flatMap(place => mesh.placeOf(place) ?? []).map(describePlaceOfPart)
  return [...new Set(places)].map(text => `${indentation}${paint('frame', makeTextVisible(text))}`)
}

/** Servers that are spoken to alike are one row. */
function listMtlsRows(rows: readonly MtlsRow[], mesh: MeshAtHand, paint: Paint): readonly string[] {
  if (rows.length === 0) return ['  no Service has a workload']
  const groups = new Map<string, MtlsRow[]>()
  for (const row of rows) {
    const key = [row.mode, ...placeRows(row.at, mesh, paint), ...row.cells.map(cellWords)].join('\n')
    const ownGroup = groups.get(key)
    if (ownGroup === undefined) groups.set(key, [row])
    else ownGroup.push(row)
  }
  return [...groups.values()].flatMap(group => {
    const [{ mode, at, cells }] = group as [MtlsRow, ...MtlsRow[]]
    const isOpen = cells.some(({ transport }) => transport === 'plaintext')
    return [
      `  ${paint(isOpen ? 'warning' : 'note', (mode === 'none' ? 'no proxy' : mode).padEnd(11))}${cells.map(cellWords).join('; ')}`,
      ...placeRows(at, mesh, paint),
      ...cells.flatMap(cell => placeRows(cell.at, mesh, paint)),
      ...serverRows(group).map(words => `${indentation}${makeTextVisible(words)}`),
    ]
  })
}

/** `my-api:8080 → my-api/my-api-canary, my-api/my-api-stable`. */
function serverRows(rows: readonly MtlsRow[]): readonly string[] {
  const workloads = new Map<string, Set<string>>()
  for (const { host, port, subset, workload } of rows) {
    const server = `${describeHost(host)}:${port}${subset === undefined ? '' : ` ${subset}`}`
    workloads.set(server, (workloads.get(server) ?? new Set()).add(workload))
  }
  return [...workloads].map(([server, pods]) => `${server} → ${[...pods].join(', ')}`)
}

export function cellWords({ who, namespaces, transport }: MtlsCell): string {
  const from = namespaces.length === 0 ? '' : ` of ${namespaces.join(', ')}`
  return `${callerWords[who]}${from}: ${transportTexts[transport]}`
}

const callerWords = { sidecar: 'sidecars', gateway: 'gateways', 'no sidecar': 'without a sidecar' } as const

const transportTexts = {
  mtls: 'mutual TLS',
  tls: 'TLS',
  plaintext: 'plaintext',
  refused: 'refused',
  unknown: 'not known',
} as const
