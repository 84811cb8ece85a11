import { placeAt, placeAtKey } from '../../../mesh/spec-place.ts'
import { listEnvoyFilters, readEntries, readFields } from '../../raw-fields.ts'
import { defineRule } from '../../rule.ts'

export const filterScope = defineRule<{ name: string }>(
  {
    code: 'MESH3704',
    severity: 'error',
    summary: 'An EnvoyFilter in the root namespace names its workloads',
    reads: ['istio.namespace'],
    message: p => `the EnvoyFilter \`${p.name}\` changes every proxy of the mesh`,
    help: () => 'set a `workloadSelector`, or move it to the namespace of its workloads',
  },
  function* (mesh, report) {
    for (const { object, spec, origin } of listEnvoyFilters(mesh)) {
      if (object.namespace !== mesh.istio.namespace.value) continue
      const { labels } = readFields(spec['workloadSelector'])
      if (Object.keys(readFields(labels)).length > 0 || readEntries(spec['targetRefs']).length > 0) continue
      yield report(placeAtKey(origin), { name: object.name }, [
        { at: placeAt(object.origin.at('metadata').at('namespace')), message: 'the root namespace' },
      ])
    }
  },
)
