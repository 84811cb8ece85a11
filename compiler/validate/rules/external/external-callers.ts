import { placeAtKey } from '../../../mesh/spec-place.ts'
import { defineRule } from '../../rule.ts'

export const externalCallers = defineRule<{ name: string }>(
  {
    code: 'MESH3510',
    severity: 'warning',
    summary: 'Each external system has an allowed caller',
    message: p => `no caller may call \`${p.name}\``,
    help: () => 'add a caller with `allow: [{ from: … }]`, or remove it',
  },
  function* ({ externals }, report) {
    for (const { key: name, origin, allow } of externals)
      if (allow.length === 0) yield report(placeAtKey(origin), { name })
  },
)
