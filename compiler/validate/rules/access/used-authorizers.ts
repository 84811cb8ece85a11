import { placeAtKey } from '../../../mesh/spec-place.ts'
import { findCustomProvider } from '../../raw-fields.ts'
import { defineRule } from '../../rule.ts'

export const usedAuthorizers = defineRule<{ authorizer: string }>(
  {
    code: 'MESH3425',
    severity: 'warning',
    summary: 'A service or gateway asks each declared authorizer',
    reads: ['services.*.authorize', 'gateways.*.authorize'],
    message: p => `no service and no gateway asks \`${p.authorizer}\``,
    help: p => `name it where it decides: \`authorize: { by: ${p.authorizer} }\`, or remove it`,
  },
  function* ({ authorizers, gateways, raw }, report, { asking }) {
    if (authorizers.length === 0) return
    const named = new Set([...asking, ...gateways].map(({ authorize }) => authorize?.by.value))
    for (const object of raw) named.add(findCustomProvider(object))
    for (const { name, origin } of authorizers)
      if (!named.has(name.value)) yield report(placeAtKey(origin), { authorizer: name.value })
  },
)
