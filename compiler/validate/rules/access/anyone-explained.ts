import { placeAt } from '../../../mesh/spec-place.ts'
import { makeParty } from '../../places.ts'
import { defineRule } from '../../rule.ts'

export const anyoneExplained = defineRule<{ service: string }>(
  {
    code: 'MESH3408',
    severity: 'warning',
    summary: 'Where mTLS is strict, a rule for `anyone` gives a reason',
    message: p => `anyone may call \`${p.service}\`, in an environment where mTLS is strict`,
    help: () => 'name the callers, or give the reason in `because`',
  },
  function* ({ mtls, externals }, report, { openRules }) {
    if (mtls.value !== 'strict') return
    const related = makeParty(mtls, 'mTLS is strict')
    const rules = openRules
      .filter(({ service }) => !service.isOpen)
      .map(({ service, allow }) => ({ key: service.key, allow }))
    const externalRules = externals
      .filter(({ isOpen }) => !isOpen)
      .flatMap(({ key, allow }) => allow.map(rule => ({ key, allow: rule })))
    for (const { key: service, allow } of [...rules, ...externalRules]) {
      if (allow.from.kind !== 'anyone' || allow.reason !== undefined) continue
      yield report(placeAt(allow.from.origin), { service }, related)
    }
  },
)
