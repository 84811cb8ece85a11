import { coversString } from '../../../mesh/match.ts'
import { placeAt } from '../../../mesh/spec-place.ts'
import { printMatch } from '../../../mesh/string-match.ts'
import { findWrittenPlace, makeParty } from '../../places.ts'
import { defineRule } from '../../rule.ts'

/** A path below another path of the same list has no effect: one of the two is a mistake. */
export const separatePaths = defineRule<{ narrow: string; wide: string }>(
  {
    code: 'MESH3106',
    severity: 'error',
    summary: 'No path of a list is part of another one',
    covers: ['IST0131'],
    message: p => `\`${p.narrow}\` is part of \`${p.wide}\`, which is in this list too`,
    help: p => `remove \`${p.narrow}\`, or narrow \`${p.wide}\``,
  },
  function* (_, report, parts) {
    for (const paths of parts.paths) {
      if (paths.length < 2) continue
      for (const narrow of paths) {
        const wide = paths.find(wide => {
          const isSame = printMatch(wide.value) === printMatch(narrow.value)
          return !isSame && coversString(wide.value, narrow.value)
        })
        if (wide === undefined) continue
        const params = { narrow: printMatch(narrow.value), wide: printMatch(wide.value) }
        yield report(placeAt(findWrittenPlace(narrow)!), params, makeParty(wide, 'it is part of this one'))
      }
    }
  },
)
