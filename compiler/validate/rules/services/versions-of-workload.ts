import { placeAt } from '../../../mesh/spec-place.ts'
import { findWrittenPlace, makeParty } from '../../places.ts'
import { defineRule } from '../../rule.ts'

/** A subset contains the pods that the Service selects and that have its labels: here, no pod can. */
export const versionsOfWorkload = defineRule<{
  version: string
  service: string
  label: string
  value: string
}>(
  {
    code: 'MESH3004',
    severity: 'error',
    summary: 'The labels of a version agree with those that select the pods of its service',
    covers: ['IST0173', 'KIA0203'],
    message: p =>
      `no pod can belong to the version \`${p.version}\`: the pods of \`${p.service}\` have \`${p.label}: ${p.value}\``,
    help: () => 'give versions a label that `workload.labels` does not set',
  },
  function* (_, report, { versioned }) {
    for (const { key: service, selector, versions } of versioned) {
      for (const { name, labels, origin } of versions) {
        for (const [label, version] of labels) {
          const workload = selector.find(([key]) => key === label)?.[1]
          if (workload === undefined || workload.value === version.value) continue
          const params = { version: name.value, service, label, value: workload.value }
          const related = makeParty(workload, `the pods of \`${service}\` are selected by this`)
          yield report(placeAt(findWrittenPlace(version) ?? origin), params, related)
        }
      }
    }
  },
)
