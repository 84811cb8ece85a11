import { keyPlace, makeParty } from '../../places.ts'
import { defineRule } from '../../rule.ts'

export const faultsAllowed = defineRule<{ service: string; isDefault: boolean }>(
  {
    code: 'MESH3118',
    severity: 'error',
    summary: 'Failures are made only where the environment allows them',
    reads: ['faults'],
    message: p => `\`${p.service}\` fails on purpose, and this environment forbids it`,
    help: p =>
      p.isDefault
        ? 'remove the fault, or say `faults: allowed` in an environment that nobody relies on'
        : 'remove the fault: `fault: null` takes away that of a lower layer',
  },
  function* ({ faults }, report, { faulty }) {
    if (faults.value === 'allowed') return
    const related = makeParty(faults, 'faults are forbidden here')
    for (const { key: service, fault } of faulty) {
      if (fault === undefined) continue
      yield report(keyPlace(fault.origin), { service, isDefault: related.length === 0 }, related)
    }
  },
)
