import { compare } from '../diagnostics/compare.ts'
import { nameCaller } from '../mesh/caller.ts'
import type { Caller, Mesh } from '../mesh/mesh.ts'
import { listDeclared } from './edge.ts'

/** A diagram of the calls, for Mermaid. */
interface Diagram {
  readonly text: string
  /** The kind of each box: a service, or a namespace if there would be too many services. */
  readonly shows: 'services' | 'namespaces'
  /** The number of omitted arrows, the thinnest first, if a picture with all of them would be too large. */
  readonly left: number
}

// Mermaid refuses more than 500 edges or 50,000 characters; a person sees nothing long before.
const maximalBoxes = 60
const maximalArrows = 120

interface Arrow {
  readonly from: Box
  readonly to: Box
}

interface Box {
  readonly id: string
  readonly label: string
  readonly shape: readonly [open: string, close: string]
  readonly group: string
}

const rectangle = ['[', ']'] as const
const stadium = ['([', '])'] as const
const slanted = ['[/', '/]'] as const
const outside = 'outside the mesh'

/** Draws the declared edges of a mesh: its services if they are few enough, otherwise its namespaces. */
export function makeDiagram(mesh: Mesh): Diagram {
  const { services, gateways, externals } = mesh
  const called = [...services, ...externals]
  const edges = called.reduce((count, destination) => count + listDeclared<unknown>(destination).length, 0)
  if (called.length + gateways.length <= maximalBoxes && edges <= maximalArrows) {
    const arrows = listArrows(mesh).map(arrow => ({ ...arrow, label: '' }))
    return { text: drawn(arrows, allBoxes(mesh)), shows: 'services', left: 0 }
  }
  const strongest = arrowsBetween(mesh).sort((a, b) => b.count - a.count)
  const shown = strongest.slice(0, maximalArrows).map(({ from, to, count }) => ({
    from: box('namespace', from, rectangle, ''),
    to: box('namespace', to, rectangle, ''),
    label: count === 1 ? '' : String(count),
  }))
  return { text: drawn(shown, []), shows: 'namespaces', left: strongest.length - shown.length }
}

/** Counts the edges from one namespace to another. */
function arrowsBetween({ services, gateways, externals }: Mesh) {
  const counts = new Map<string, Map<string, number>>()
  const count = (from: string, to: string) => {
    const knownCount = counts.get(from)
    if (knownCount === undefined) counts.set(from, new Map([[to, 1]]))
    else knownCount.set(to, (knownCount.get(to) ?? 0) + 1)
  }
  for (const { namespace, hosts } of gateways) for (const _ of hosts) count(outside, namespace.value)
  for (const service of services)
    for (const { from } of listDeclared(service)) count(getNamespace(from), service.namespace.value)
  for (const external of externals)
    for (const { from } of listDeclared(external)) count(getNamespace(from), outside)
  return [...counts].flatMap(([from, ends]) => [...ends].map(([to, count]) => ({ from, to, count })))
}

function getNamespace(caller: Caller): string {
  switch (caller.kind) {
    case 'service':
      return caller.service.namespace.value
    case 'gateway':
      return caller.gateway.namespace.value
    case 'namespace':
      return caller.namespace.value
    default:
      return outside
  }
}

/** Lists every edge, and the way in from outside. */
function listArrows({ services, externals, gateways }: Mesh): readonly Arrow[] {
  const serviceBoxes = new Map(
    services.map(service => [service.key, serviceBox(service.key, service.namespace.value)]),
  )
  const from = (caller: Caller) =>
    caller.kind === 'service' ? serviceBoxes.get(caller.service.key)! : callerBox(caller)
  return [
    ...gateways.flatMap(gateway =>
      [...gateway.hosts, ...gateway.passthrough].map(host => ({
        from: hostBox(host.value),
        to: gatewayBox(gateway.name.value, gateway.namespace.value),
      })),
    ),
    ...services.flatMap(service =>
      distinctCallers(listDeclared(service)).map(caller => ({
        from: from(caller),
        to: serviceBoxes.get(service.key)!,
      })),
    ),
    ...externals.flatMap(external =>
      distinctCallers(listDeclared<{ readonly from: Caller }>(external)).map(caller => ({
        from: from(caller),
        to: externalBox(external.key),
      })),
    ),
  ]
}

/** Lists the callers that are allowed, each once. */
const distinctCallers = (allow: readonly { readonly from: Caller }[]): readonly Caller[] => [
  ...new Map(allow.map(({ from }) => [nameCaller(from), from])).values(),
]

const allBoxes = ({ services, externals }: Mesh): readonly Box[] => [
  ...services.map(({ key, namespace }) => serviceBox(key, namespace.value)),
  ...externals.map(({ key }) => externalBox(key)),
]

const serviceBox = (key: string, namespace: string): Box => box('service', key, rectangle, namespace)
const gatewayBox = (name: string, namespace: string): Box => box('gateway', name, stadium, namespace)
const hostBox = (host: string): Box => box('host', host, slanted, outside)
const externalBox = (key: string): Box => box('external', key, slanted, outside)

function callerBox(caller: Exclude<Caller, { readonly kind: 'service' }>): Box {
  switch (caller.kind) {
    case 'gateway':
      return gatewayBox(caller.gateway.name.value, caller.gateway.namespace.value)
    case 'namespace':
      return box('everyone', `everyone in ${caller.namespace.value}`, stadium, caller.namespace.value)
    case 'external-caller':
      return box('identity', caller.principal.value, slanted, outside)
    case 'workload':
      return box('workload', `${caller.namespace}/${caller.name}`, rectangle, caller.namespace)
    case 'anyone':
      return box('anyone', 'anyone', slanted, outside)
  }
}

const box = (kind: string, label: string, shape: Box['shape'], group: string): Box => ({
  // An id that no word of Mermaid and no other box has. A dash before a dash would begin an arrow.
  id: `${kind}-${label.replace(/-(?![a-z0-9])|[^-a-z0-9.]/g, sign => `_${sign.codePointAt(0)}_`)}`,
  label,
  shape,
  group,
})

function drawn(arrows: readonly (Arrow & { readonly label: string })[], boxes: readonly Box[]): string {
  const groups = new Map<string, Map<string, Box>>()
  for (const givenBox of [...boxes, ...arrows.flatMap(({ from, to }) => [from, to])]) {
    const group = groups.get(givenBox.group) ?? new Map<string, Box>()
    groups.set(givenBox.group, group.set(givenBox.id, givenBox))
  }
  const lines = ['flowchart LR']
  for (const [group, members] of [...groups].sort(([a], [b]) => compare(a, b))) {
    const declared = [...members.values()].map(
      ({ id, label, shape: [open, close] }) => `${id}${open}${quoteLabel(label)}${close}`,
    )
    if (group === '') lines.push(...declared.map(line => `  ${line}`))
    else
      lines.push(
        `  subgraph ${box('group', group, rectangle, '').id}[${quoteLabel(group)}]`,
        ...declared.map(line => `    ${line}`),
        '  end',
      )
  }
  for (const { from, to, label } of arrows)
    lines.push(`  ${from.id} -->${label === '' ? '' : `|${quoteLabel(label)}|`} ${to.id}`)
  return `${lines.join('\n')}\n`
}

/** A label that can hold any sign. */
const quoteLabel = (label: string) => `"${label.replace(/[^ \w./*:-]/g, sign => `#${sign.codePointAt(0)};`)}"`
