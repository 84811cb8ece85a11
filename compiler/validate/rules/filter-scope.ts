import { at, keyOf } from '../places.ts'
import { entriesOf, envoyFilters, fieldsOf } from '../raw-fields.ts'
import { defineRule } from '../rule.ts'

export const filterScope = defineRule<{ name: string }>(
  {
    code: 'MESH3704',
    severity: 'error',
    summary: 'An EnvoyFilter in the root namespace names its workloads',
    reads: ['istio.namespace'],
    message: p => `the EnvoyFilter \`${p.name}\` changes every proxy of the mesh`,
    help: () => 'say a `workloadSelector`, or move it to the namespace it is for',
  },
  function* (mesh, report) {
    for (const { object, spec, origin } of envoyFilters(mesh)) {
      if (object.namespace !== mesh.istio.namespace.value) continue
      const { labels } = fieldsOf(spec['workloadSelector'])
      if (Object.keys(fieldsOf(labels)).length > 0 || entriesOf(spec['targetRefs']).length > 0) continue
      yield report(keyOf(origin), { name: object.name }, [
        { at: at(object.origin.at('metadata').at('namespace')), message: 'the root namespace' },
      ])
    }
  },
)
