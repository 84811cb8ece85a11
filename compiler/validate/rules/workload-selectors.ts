import type { Labels, Mesh } from '../../mesh/mesh.ts'
import type { Sourced, SpecNode } from '../../mesh/sourced.ts'
import { at, keyOf, writtenAt } from '../places.ts'
import { defineRule } from '../rule.ts'

/** A pod obeys one Sidecar, and every AuthorizationPolicy that selects it: what one service allows, all would. */
export const workloadSelectors = defineRule<{ wide: string; narrow: string; isSame: boolean }>(
  {
    code: 'MESH3002',
    severity: 'error',
    summary: 'No pod is selected by two services or gateways',
    covers: ['IST0110', 'IST0116', 'KIA0003'],
    message: p =>
      p.isSame
        ? `\`${p.narrow}\` and \`${p.wide}\` select the same pods`
        : `the pods of \`${p.narrow}\` are selected by \`${p.wide}\` too`,
    help: () => 'give `workload.labels` that only the pods of one of them carry',
  },
  function* (mesh, report) {
    const workloads = [...workloadsOf(mesh)]
    const byLabel = new Map<string, Workload[]>()
    for (const workload of workloads) {
      for (const label of workload.pods) {
        const key = `${workload.namespace}/${label}`
        const carriers = byLabel.get(key)
        if (carriers === undefined) byLabel.set(key, [workload])
        else carriers.push(workload)
      }
    }
    for (const [index, wide] of workloads.entries()) {
      // Whoever carries all labels carries the rarest of them, and few do.
      const carriers = wide.selector
        .map(label => byLabel.get(`${wide.namespace}/${label}`)!)
        .toSorted((a, b) => a.length - b.length)[0]
      for (const narrow of carriers ?? []) {
        if (narrow === wide || !wide.selector.every(label => narrow.pods.includes(label))) continue
        const isSame = narrow.selector.every(label => wide.pods.includes(label))
        if (isSame && workloads.indexOf(narrow) < index) continue
        const [later, earlier] = isSame ? [narrow, wide] : [wide, narrow]
        const related = { at: placeOf(earlier), message: `the labels of \`${earlier.name}\`` }
        const params = { wide: wide.name, narrow: narrow.name, isSame }
        yield report(placeOf(later), params, [related])
      }
    }
  },
)

interface Workload {
  readonly name: string
  readonly namespace: string
  /** What selects its pods, and what its pods are known to carry. */
  readonly selector: readonly string[]
  readonly pods: readonly string[]
  readonly labels: Labels
  readonly origin: SpecNode
}

function* workloadsOf({ gateways, services }: Mesh): Iterable<Workload> {
  for (const { name, namespace, workload, selector, labels, origin } of gateways) {
    const selected = written(selector)
    yield {
      name: `gateway/${name.value}`,
      namespace: namespace.value,
      selector: selected,
      pods: [...selected, `app=${workload.value}`, ...written(labels)],
      labels: selector,
      origin,
    }
  }
  for (const { key, namespace, selector, origin } of services) {
    const selected = written(selector)
    yield {
      name: key,
      namespace: namespace.value,
      selector: selected,
      pods: selected,
      labels: selector,
      origin,
    }
  }
}

const written = (labels: Labels) => labels.map(([key, { value }]) => `${key}=${value}`)

/** The labels where the spec writes them; else the workload that they are made of. */
function placeOf({ labels, origin }: Workload) {
  const node = writtenAt(labels[0]?.[1] as Sourced<string> | undefined)
  return node === undefined || node.path.length <= 2 ? keyOf(origin) : at(node.parent!)
}
