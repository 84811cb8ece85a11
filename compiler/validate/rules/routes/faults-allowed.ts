import { placeAtKey } from '../../../mesh/spec-place.ts'
import { makeParty } from '../../places.ts'
import { defineRule } from '../../rule.ts'

export const faultsAllowed = defineRule<{ service: string; isDefault: boolean }>(
  {
    code: 'MESH3118',
    severity: 'error',
    summary: 'A fault is declared only where the environment allows faults',
    reads: ['faults'],
    message: p => `\`${p.service}\` declares a fault, but this environment forbids faults`,
    help: p =>
      p.isDefault
        ? 'remove the fault, or set `faults: allowed` in a test environment'
        : 'remove the fault: `fault: null` removes the one of a lower layer',
  },
  function* ({ faults }, report, { faulty }) {
    if (faults.value === 'allowed') return
    const related = makeParty(faults, 'faults are forbidden here')
    for (const { key: service, fault } of faulty) {
      if (fault === undefined) continue
      yield report(placeAtKey(fault.origin), { service, isDefault: related.length === 0 }, related)
    }
  },
)
