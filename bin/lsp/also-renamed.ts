import { nameLimits } from '../../compiler/mesh/limit-descriptors.ts'
import type { Labels, Mesh } from '../../compiler/mesh/mesh.ts'
import type { Named } from '../../compiler/provenance/mentions.ts'

/**
 * Lists the objects that meshc does not write and that must be renamed in the cluster as well, as `the Service
 * \`web\` to \`site\``.
 */
export function listAlsoRenamed(named: Named, name: string, before: Mesh, after: Mesh): readonly string[] {
  const old = clusterNames(named, before)
  const now = clusterNames({ ...named, name }, after)
  return [...old].flatMap(([what, word]) => {
    const next = now.get(what)
    return next === undefined || next === word ? [] : [`${what} \`${word}\` to \`${next}\``]
  })
}

/** The names in a cluster that follow from a name in a spec, by the kind of the object. */
function clusterNames(named: Named, mesh: Mesh): ReadonlyMap<string, string> {
  const { name } = named
  switch (named.kind) {
    case 'service': {
      const service = mesh.services.find(({ key }) => key === name)
      if (service === undefined) return new Map()
      return new Map([
        ['the Service', service.name.value],
        ['the service account', service.serviceAccount.value],
        ...labelNames(service.selector),
      ])
    }
    case 'gateway': {
      const gateway = mesh.gateways.find(givenGateway => givenGateway.name.value === name)
      if (gateway === undefined) return new Map()
      return new Map([
        ['the workload', gateway.workload.value],
        ['the service account', gateway.serviceAccount.value],
        ...labelNames(gateway.selector),
      ])
    }
    case 'version': {
      const service = mesh.services.find(({ key }) => key === named.service)
      const version = service?.versions.find(givenVersion => givenVersion.name.value === name)
      return new Map(labelNames(version?.labels ?? []))
    }
    case 'namespace':
      return new Map([['the namespace', name]])
    case 'limiter': {
      const limiter = mesh.rateLimiters.find(givenLimiter => givenLimiter.name.value === name)
      return new Map(limiter && [['the volume of the ConfigMap', nameLimits(limiter).value]])
    }
    case 'external':
    case 'issuer':
    case 'authorizer':
      return new Map()
  }
}

const labelNames = (labels: Labels): readonly (readonly [string, string])[] =>
  labels.map(([key, { value }]) => [`the label \`${key}\` of its pods from`, value])
