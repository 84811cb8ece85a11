import { coversString } from '../../mesh/match.ts'
import { writtenMatch } from '../../mesh/string-match.ts'
import { at, party, writtenAt } from '../places.ts'
import { defineRule } from '../rule.ts'

/** A path under another one of the same list adds nothing: one of the two is not what was meant. */
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
          const isSame = writtenMatch(wide.value) === writtenMatch(narrow.value)
          return !isSame && coversString(wide.value, narrow.value)
        })
        if (wide === undefined) continue
        const params = { narrow: writtenMatch(narrow.value), wide: writtenMatch(wide.value) }
        yield report(at(writtenAt(narrow)!), params, party(wide, 'it is part of this one'))
      }
    }
  },
)
