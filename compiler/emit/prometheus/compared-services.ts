import type { Mesh, Service } from '../../mesh/mesh.ts'
import { isHttp } from '../../mesh/port.ts'

/** Services whose versions the metrics distinguish: proxies know the version of a pod by its label `version`. */
export const listComparedServices = ({ services }: Mesh): readonly Service[] =>
  services.filter(service => {
    const known = new Set(listVersionLabels(service))
    return known.size > 1 && known.size === service.versions.length && service.ports.some(isHttp)
  })

/** Lists the values of the label `version` on the pods of each version. */
export const listVersionLabels = ({ versions }: Service): readonly string[] =>
  versions.flatMap(({ labels }) => labels.flatMap(([label, { value }]) => (label === 'version' ? value : [])))
