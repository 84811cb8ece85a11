import type { Fault } from '../mesh/mesh.ts'
import { decided, type SpecNode } from '../mesh/sourced.ts'
import { placeAt } from '../mesh/spec-place.ts'
import { requiredField } from './diagnostics.ts'
import { parsePercent, type Report, readField } from './fields.ts'
import { getMatch } from './match.ts'
import type { ServiceSpec } from './spec-sections.ts'

/** A failure on purpose. */
export function resolveFault(
  { fault: spec }: ServiceSpec,
  service: SpecNode,
  report: Report,
): Fault | undefined {
  if (spec === undefined) return undefined
  const node = service.at('fault')
  const owner = `the fault of \`${service.key}\``
  if (spec.delay === undefined && spec.abort === undefined) {
    report(requiredField(placeAt(node), { owner, field: 'its `delay` or `abort`', example: 'delay: 7s' }))
  }
  return {
    origin: node,
    delay: readField(spec, node, 'delay'),
    abort: readField(spec, node, 'abort'),
    share: readField(spec, node, 'share')?.map(parsePercent) ?? decided('default:fault-share', 100),
    when: spec.when === undefined ? undefined : getMatch(spec.when, node.at('when'), owner, report),
  }
}
