import { listInstalledGateways } from '../../../mesh/installed-gateways.ts'
import type { Mesh, Resources } from '../../../mesh/mesh.ts'
import { parseCpu, parseMemory } from '../../../mesh/quantity.ts'
import type { Sourced } from '../../../mesh/sourced.ts'
import { placeAt } from '../../../mesh/spec-place.ts'
import { findWrittenPlace, makeParty } from '../../places.ts'
import { defineRule } from '../../rule.ts'

/** Kubernetes refuses a container that asks for more than it may have. */
export const resourceLimits = defineRule<{ owner: string; what: string; request: string; limit: string }>(
  {
    code: 'MESH3602',
    severity: 'error',
    summary: 'A container reserves no more than its limit',
    message: p => `${p.owner} reserves ${p.request} of ${p.what}, but its limit is ${p.limit}`,
    help: p => `raise the limit to \`${p.request}\`, or reserve less`,
  },
  function* (mesh, report) {
    for (const { owner, requests, limits } of containers(mesh)) {
      const pairs = [
        { what: 'CPU', request: requests.cpu, limit: limits.cpu, size: parseCpu },
        { what: 'memory', request: requests.memory, limit: limits.memory, size: parseMemory },
      ] as const
      for (const { what, request, limit, size } of pairs) {
        if (size(request.value) <= size(limit.value)) continue
        const params = { owner, what, request: request.value, limit: limit.value }
        yield report(placeAt(getResourcePlace(request, limit)), params, makeParty(limit, 'its limit'))
      }
    }
  },
)

function* containers(mesh: Mesh): Iterable<Resources & { readonly owner: string }> {
  const { istio } = mesh
  yield { ...istio.resources, owner: 'istiod' }
  yield { ...istio.proxy.resources, owner: 'a sidecar' }
  for (const { name, installation } of listInstalledGateways(mesh))
    yield { ...installation.resources, owner: `the gateway \`${name.value}\`` }
}

/** A default of meshc never contradicts a value of the spec, so the spec sets one of the two values. */
const getResourcePlace = (request: Sourced<string>, limit: Sourced<string>) =>
  findWrittenPlace(request) ?? findWrittenPlace(limit)!
