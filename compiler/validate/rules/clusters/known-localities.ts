import type { Place } from '../../../diagnostics/diagnostic.ts'
import { suggestName } from '../../../diagnostics/suggest.ts'
import { isOverlapping } from '../../../mesh/localities.ts'
import type { LocalityPreference, Mesh } from '../../../mesh/mesh.ts'
import { placeAt, placeAtKey } from '../../../mesh/spec-place.ts'
import { findWrittenPlace } from '../../places.ts'
import { defineRule } from '../../rule.ts'

/** istiod reads the locality of a pod from the labels of its node, so no pod is in a locality that no cluster has. */
export const knownLocalities = defineRule<{ locality: string; legal: readonly string[] }>(
  {
    code: 'MESH3497',
    severity: 'warning',
    summary: 'The localities of `loadBalancing` are those of clusters',
    reads: ['clusters.*.region', 'clusters.*.zones', 'defaults.loadBalancing'],
    message: p => `no cluster is in \`${p.locality}\``,
    help: p =>
      suggestName(p.locality, p.legal) ?? 'correct the name, or give the cluster this `region` or zone',
  },
  function* (mesh, report, { balancing }) {
    const legal = listLocalities(mesh)
    if (legal === undefined) return
    for (const { locality } of balancing)
      for (const [name, at] of locality === undefined ? [] : listNamedLocalities(locality))
        if (!legal.some(each => isOverlapping(each, name))) yield report(at, { locality: name, legal })
  },
)

/** Lists the localities of all clusters, machines and external endpoints; undefined if a cluster declares none. */
function listLocalities({ clusters, services, externals }: Mesh): readonly string[] | undefined {
  if (clusters.length === 0 || clusters.some(({ region }) => region === undefined)) return undefined
  const inside = clusters.flatMap(({ region, zones }) =>
    zones.length === 0 ? [region!.value] : zones.map(zone => `${region!.value}/${zone.value}`),
  )
  const outside = [
    ...services.flatMap(({ machines }) => machines?.entries ?? []),
    ...externals.flatMap(({ endpoints }) => endpoints),
  ]
  return [...new Set([...inside, ...outside.flatMap(({ locality }) => locality?.value ?? [])])].sort()
}

/** Lists the localities that a preference names, each with its place. */
function* listNamedLocalities({
  failover,
  distribute,
}: LocalityPreference): Iterable<readonly [string, Place]> {
  for (const [from, to] of failover) {
    const at = findWrittenPlace(to)!
    yield [from, placeAtKey(at)]
    yield [to.value, placeAt(at)]
  }
  for (const { from, origin, to } of distribute) {
    yield [from.value, placeAtKey(origin)]
    for (const [name, share] of to) yield [name, placeAtKey(findWrittenPlace(share)!)]
  }
}
