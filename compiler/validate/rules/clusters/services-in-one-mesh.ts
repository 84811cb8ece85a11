import { isRemote } from '../../../mesh/clusters.ts'
import { placeAtKey } from '../../../mesh/spec-place.ts'
import { defineRule } from '../../rule.ts'

/** Callers in a cluster that is a mesh of its own would call a name without endpoints. */
export const servicesInOneMesh = defineRule<{ service: string }>(
  {
    code: 'MESH3479',
    severity: 'error',
    summary: 'A service runs in some clusters only where the clusters are one mesh',
    reads: ['clusters.*.network'],
    message: p => `\`${p.service}\` runs in other clusters only, which are meshes of their own`,
    help: p =>
      `give the clusters a \`network\`, or remove the service from this cluster: \`services: { ${p.service}: null }\` in the mesh.yaml of its folder`,
  },
  function* (mesh, report) {
    const { cluster, services } = mesh
    if (cluster === undefined || cluster.network !== undefined) return
    for (const service of services)
      if (isRemote(mesh, service))
        yield report(placeAtKey(service.origin.at('clusters')), { service: service.key })
  },
)
