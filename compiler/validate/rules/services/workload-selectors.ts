import type { Labels, Mesh } from '../../../mesh/mesh.ts'
import type { SpecNode } from '../../../mesh/sourced.ts'
import { placeAt, placeAtKey } from '../../../mesh/spec-place.ts'
import { findWrittenPlace } from '../../places.ts'
import { defineRule } from '../../rule.ts'

/**
 * A pod has one Sidecar, and every AuthorizationPolicy that selects it applies: a caller allowed by one service would be allowed by
 * all. Services with equal labels share the objects for the pods, and gateways can share the proxies of another owner.
 */
export const workloadSelectors = defineRule<{
  wide: string
  narrow: string
  isSame: boolean
  areGateways: boolean
}>(
  {
    code: 'MESH3002',
    severity: 'error',
    summary: 'No pod is selected by two services or gateways',
    covers: ['IST0110', 'IST0116', 'KIA0003'],
    message: p =>
      p.isSame
        ? `\`${p.narrow}\` and \`${p.wide}\` select the same pods`
        : `\`${p.wide}\` selects the pods of \`${p.narrow}\` too`,
    help: p =>
      p.areGateways
        ? 'set the same `workload` at both, or labels that only the pods of one of them carry'
        : 'set `workload.labels` that only the pods of one of them carry',
  },
  function* (mesh, report) {
    const workloads = listWorkloads(mesh)
    const suspects = workloads.filter(sharesLabels(workloads))
    if (suspects.length === 0) return
    const carriers = new Map<string, Workload[]>()
    for (const workload of workloads) {
      for (const label of workload.pods) {
        const carrier = carriers.get(label)
        if (carrier === undefined) carriers.set(label, [workload])
        else carrier.push(workload)
      }
    }
    for (const wide of suspects) {
      for (const narrow of rarest(wide.selector, carriers)) {
        if (narrow === wide || !wide.selector.every(label => narrow.pods.includes(label))) continue
        const isSame = narrow.selector.every(label => wide.pods.includes(label))
        if (isSame && narrow.isService && wide.isService) continue
        if (wide.account !== undefined && wide.account === narrow.account) continue
        // Two workloads that select each other are found twice, and reported once.
        if (isSame && narrow.order < wide.order) continue
        const [later, earlier] = isSame ? [narrow, wide] : [wide, narrow]
        const related = { at: getLabelsPlace(earlier), message: `the labels of \`${earlier.name}\`` }
        const areGateways = !wide.isService && !narrow.isService
        const params = { wide: wide.name, narrow: narrow.name, isSame, areGateways }
        yield report(getLabelsPlace(later), params, [related])
      }
    }
  },
)

/** Makes the test whether another workload has each label in a workload's selector. Most workloads have a label of their own. */
function sharesLabels(workloads: readonly Workload[]): (workload: Workload) => boolean {
  const seen = new Set<string>()
  const shared = new Set<string>()
  for (const { pods } of workloads) {
    for (const label of pods) {
      if (seen.has(label)) shared.add(label)
      else seen.add(label)
    }
  }
  return ({ selector }) => selector.every(label => shared.has(label))
}

/** Finds the carriers of the rarest of some labels: few workloads carry it, and all that carry the labels do. */
function rarest(
  selector: readonly string[],
  carriers: ReadonlyMap<string, readonly Workload[]>,
): readonly Workload[] {
  return selector.map(label => carriers.get(label)!).toSorted((a, b) => a.length - b.length)[0] ?? []
}

interface Workload {
  readonly order: number
  readonly name: string
  readonly isService: boolean
  /** The identity of proxies of another owner, which several gateways can share. */
  readonly account?: string
  /** The labels that select its pods, and that its pods are known to carry, each with the namespace. */
  readonly selector: readonly string[]
  readonly pods: readonly string[]
  readonly labels: Labels
  readonly origin: SpecNode
}

function listWorkloads({ gateways, services }: Mesh): readonly Workload[] {
  const workloads: Workload[] = []
  for (const gateway of gateways) {
    const {
      name,
      workloadNamespace: namespace,
      workload,
      selector,
      installation,
      principal,
      origin,
    } = gateway
    const selected = serializeLabels(namespace.value, selector)
    const pods = [
      ...selected,
      ...(installation === undefined
        ? []
        : [
            `${namespace.value}/app=${workload.value}`,
            ...serializeLabels(namespace.value, installation.labels),
          ]),
    ]
    const order = workloads.length
    workloads.push({
      order,
      name: `gateway/${name.value}`,
      isService: false,
      ...(installation === undefined && { account: principal.value }),
      selector: selected,
      pods,
      labels: selector,
      origin,
    })
  }
  for (const { key: name, namespace, selector: labels, origin } of services) {
    const selector = serializeLabels(namespace.value, labels)
    const order = workloads.length
    workloads.push({ order, name, isService: true, selector, pods: selector, labels, origin })
  }
  return workloads
}

const serializeLabels = (namespace: string, labels: Labels) =>
  labels.map(([key, { value }]) => `${namespace}/${key}=${value}`)

/** The labels in the spec, or else the workload from which meshc makes them. */
function getLabelsPlace({ labels, origin }: Workload) {
  const node = findWrittenPlace(labels[0]?.[1])
  return node === undefined || node.path.length <= 2 ? placeAtKey(origin) : placeAt(node.parent!)
}
