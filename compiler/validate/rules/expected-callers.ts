import { calleeName, callerName, coversCaller } from '../../mesh/caller.ts'
import { coversString } from '../../mesh/match.ts'
import type { Allow, Expectation } from '../../mesh/mesh.ts'
import { writtenMatch } from '../../mesh/string-match.ts'
import { at, keyParty, party } from '../places.ts'
import { defineRule } from '../rule.ts'

export const expectedCallers = defineRule<{ from: string; to: string; request: string }>(
  {
    code: 'MESH3802',
    severity: 'error',
    summary: 'Whoever is expected to reach something may',
    reads: ['services', 'external', 'gateways', 'namespaces', 'egress', 'istio'],
    message: p => `\`${p.from}\` is expected to reach \`${p.to}\`${p.request}, and may not`,
    help: p => `allow it at \`${p.to}\`: \`- from: ${p.from}\``,
  },
  function* ({ expectations }, report) {
    for (const expectation of expectations) {
      const { from, to, method, path, reason } = expectation
      if (from === undefined) continue
      const rules: readonly Pick<Allow, 'from' | 'origin'>[] =
        to.kind === 'service' ? to.service.allow : to.external.allow
      const own = rules.filter(rule => coversCaller(rule.from, from))
      if (own.some(rule => to.kind === 'external' || lets(rule as Allow, expectation))) continue
      const how = method === undefined ? '' : ` with ${method.value}`
      const where = path === undefined ? '' : ` on \`${writtenMatch(path.value)}\``
      const params = { from: callerName(from), to: calleeName(to), request: `${how}${where}` }
      const destination = to.kind === 'service' ? to.service : to.external
      const related =
        own.length > 0
          ? own.map(({ origin }) => ({ at: at(origin), message: 'what it may do' }))
          : [
              rules.length > 0
                ? keyParty(destination.origin.at('allow'), 'who may call')
                : keyParty(destination.origin, 'nobody may call it'),
            ]
      yield report(at(from.origin), params, [...related, ...party(reason, 'why it must be so')])
    }
  },
)

/** Whether a rule lets every request through that is expected to get through. */
function lets({ methods, paths }: Allow, { method, path }: Expectation): boolean {
  const isMethod =
    methods.length === 0 || (method !== undefined && methods.some(({ value }) => value === method.value))
  const isPath =
    paths.length === 0 || (path !== undefined && paths.some(({ value }) => coversString(value, path.value)))
  return (method === undefined || isMethod) && (path === undefined || isPath)
}
