import { keyPlace } from '../../places.ts'
import { defineRule } from '../../rule.ts'

export const externalCallers = defineRule<{ name: string }>(
  {
    code: 'MESH3510',
    severity: 'warning',
    summary: 'Somebody may call each external system',
    message: p => `nobody may call \`${p.name}\``,
    help: () => 'say who, with `allow: [{ from: … }]`, or remove it',
  },
  function* ({ externals }, report) {
    for (const { key: name, origin, allow } of externals)
      if (allow.length === 0) yield report(keyPlace(origin), { name })
  },
)
