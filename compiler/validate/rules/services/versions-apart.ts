import type { Labels, Version } from '../../../mesh/mesh.ts'
import { placeAtKey } from '../../../mesh/spec-place.ts'
import { defineRule } from '../../rule.ts'

/** A subset takes every pod that carries its labels: a share for one version would reach the other's pods. */
export const versionsApart = defineRule<{ service: string; wide: string; narrow: string; isSame: boolean }>(
  {
    code: 'MESH3003',
    severity: 'error',
    summary: 'The versions of a service select different pods',
    message: p =>
      p.isSame
        ? `the versions \`${p.wide}\` and \`${p.narrow}\` of \`${p.service}\` select the same pods`
        : `the version \`${p.wide}\` of \`${p.service}\` selects the pods of \`${p.narrow}\` too`,
    help: () => 'give each version a label that only its pods carry',
  },
  function* (_, report, { versioned }) {
    for (const { key: service, versions } of versioned) {
      for (const wide of versions) {
        for (const narrow of versions) {
          if (wide === narrow || !includesPods(wide, narrow)) continue
          const isSame = includesPods(narrow, wide)
          if (isSame && versions.indexOf(narrow) < versions.indexOf(wide)) continue
          const [later, earlier] = isSame ? [narrow, wide] : [wide, narrow]
          const related = {
            at: placeAtKey(earlier.origin),
            message: `the labels of \`${earlier.name.value}\``,
          }
          const params = { service, wide: wide.name.value, narrow: narrow.name.value, isSame }
          yield report(placeAtKey(later.origin), params, [related])
        }
      }
    }
  },
)

/** Tells whether every pod with the labels of the narrow version also has the labels of the wide one. */
const includesPods = (wide: Version, narrow: Version) =>
  wide.labels.every(([key, { value }]) => findLabel(narrow.labels, key) === value)

const findLabel = (labels: Labels, key: string) => labels.find(([name]) => name === key)?.[1].value
