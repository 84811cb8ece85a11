import { at, party } from '../places.ts'
import { defineRule } from '../rule.ts'

export const anyoneExplained = defineRule<{ service: string }>(
  {
    code: 'MESH3408',
    severity: 'warning',
    summary: 'Where mTLS is strict, whoever lets anyone call says why',
    message: p => `anyone may call \`${p.service}\`, in an environment where mTLS is strict`,
    help: () => 'name the callers, or say why with `because`',
  },
  function* ({ mtls, services, externals }, report) {
    if (mtls.value !== 'strict') return
    const related = party(mtls, 'mTLS is strict')
    for (const { key: service, allow } of [...services, ...externals]) {
      for (const { from, reason } of allow) {
        if (from.kind === 'anyone' && reason === undefined)
          yield report(at(from.origin), { service }, related)
      }
    }
  },
)
