import { coversCaller, nameCaller } from '../../../mesh/caller.ts'
import type { Allow, Caller, Mesh, Service } from '../../../mesh/mesh.ts'
import { makeKeyParty, placeAt } from '../../../mesh/spec-place.ts'
import { findWrittenPlace } from '../../places.ts'
import { defineRule } from '../../rule.ts'

/** Each sidecar sends its spans itself, with its own identity: the policies of the collector hold for them too. */
export const reachableCollector = defineRule<{
  collector: string
  denied: readonly string[]
  isService: boolean
}>(
  {
    code: 'MESH3019',
    severity: 'warning',
    summary: 'A trace collector in the mesh allows every sidecar to call it',
    reads: ['services.*.allow'],
    message: p =>
      p.isService
        ? `\`${p.collector}\` gets no traces from ${listed(p.denied)}, which may not call it`
        : `\`${p.collector}\` gets no traces: its namespace is in the mesh, but no service of the spec allows calls to it`,
    help: p =>
      p.isService
        ? `add \`- { from: anyone, because: every sidecar sends traces }\` to \`allow\` of \`${p.collector}\``
        : 'declare it under `services`, with `allow: [{ from: anyone, because: … }]`, or run it outside the mesh',
  },
  function* (mesh, report) {
    const { tracing } = mesh.observability
    if (tracing === undefined || tracing.namespace.value === mesh.istio.namespace.value) return
    const { namespace, host, port } = tracing
    const place = placeAt(findWrittenPlace(host)!)
    const service = mesh.services.find(service => service.host.value === host.value)
    if (service === undefined) {
      const home = mesh.namespaces.find(({ name }) => name.value === namespace.value)
      if (home?.injection.value !== 'on' || mesh.access.value === 'open') return
      yield report(place, { collector: host.value, denied: [], isService: false })
      return
    }
    const rules = service.allow.filter(rule => letsSpans(rule, service, port.value))
    const denied = listMeshCallers(mesh).filter(
      caller => !rules.some(({ from }) => coversCaller(from, caller)) && !isService(caller, service),
    )
    if (denied.length === 0) return
    const params = { collector: service.key, denied: denied.map(nameCaller), isService: true }
    yield report(place, params, [makeKeyParty(service.origin, 'the collector')])
  },
)

/** Tells whether a rule is for the port of the collector. */
const letsSpans = ({ ports }: Allow, service: Service, number: number) =>
  ports.length === 0 || ports.some(({ port }) => service.ports.includes(port) && port.number.value === number)

const listMeshCallers = ({ services, gateways }: Mesh): readonly Caller[] => [
  ...services.map(service => ({ kind: 'service' as const, service, origin: service.origin })),
  ...gateways.map(gateway => ({ kind: 'gateway' as const, gateway, origin: gateway.origin })),
]

const isService = (caller: Caller, service: Service) =>
  caller.kind === 'service' && caller.service === service

const listed = (names: readonly string[]) =>
  names.length <= 3
    ? names.map(name => `\`${name}\``).join(', ')
    : `${names
        .slice(0, 2)
        .map(name => `\`${name}\``)
        .join(', ')} and ${names.length - 2} others`
