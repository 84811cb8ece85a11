import type { Allow, Port, Service } from '../mesh/mesh.ts'
import { from, type SpecNode } from '../mesh/sourced.ts'
import type { FindCaller } from './callers.ts'
import { unknownPort } from './diagnostics.ts'
import { at, entries, nothing, type Report, said, sortedEntries } from './fields.ts'
import { pathMatch } from './match.ts'
import type { AllowSpec } from './spec-sections.ts'

/** Who may call a service, in the order of the spec. */
export function resolveAllow(
  spec: readonly AllowSpec[] | undefined,
  service: Service,
  findCaller: FindCaller,
  report: Report,
): readonly Allow[] {
  if (spec === undefined) return nothing
  const node = service.origin.at('allow')
  const allow: Allow[] = []
  for (const [index, written] of spec.entries()) {
    const place = node.at(index)
    const caller = findCaller(written.from, place.at('from'))
    const ports = portsOf(written.ports, place.at('ports'), service, report)
    if (caller === undefined) continue
    allow.push({
      origin: place,
      from: caller,
      methods: entries(written.methods, place.at('methods')),
      paths: entries(written.paths, place.at('paths')).map(path => path.map(pathMatch)),
      ports,
      jwtRequired: said(written, place, 'jwt'),
      claims: claimsOf(written.claims, place.at('claims')),
      reason: said(written, place, 'because'),
    })
  }
  return allow
}

function portsOf(spec: AllowSpec['ports'], node: SpecNode, service: Service, report: Report): Allow['ports'] {
  if (spec === undefined) return nothing
  const ports: { readonly origin: SpecNode; readonly port: Port }[] = []
  for (const [index, key] of spec.entries()) {
    const origin = node.at(index)
    const port = service.ports.find(port => port.key === key)
    if (port !== undefined) ports.push({ origin, port })
    // A service without ports is reported already.
    else if (service.ports.length > 0) {
      const legal = service.ports.map(({ key }) => key)
      report(unknownPort(at(origin), { service: service.key, name: key, legal }))
    }
  }
  return ports
}

const claimsOf = (spec: AllowSpec['claims'], node: SpecNode): Allow['claims'] =>
  sortedEntries(spec, node).map(
    ([name, values]) =>
      [name, values.value.map((value, index) => from(node.at(name).at(index), value))] as const,
  )
