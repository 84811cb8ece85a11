import { nameCaller } from '../../../mesh/caller.ts'
import { coversString } from '../../../mesh/match.ts'
import type { Allow, Caller } from '../../../mesh/mesh.ts'
import { requiresToken } from '../../../mesh/required-token.ts'
import { placeAt } from '../../../mesh/spec-place.ts'
import { defineRule } from '../../rule.ts'

/** Rules are alternatives. A narrower rule for the same caller has no effect, though it looks like a limit. */
export const neededRules = defineRule<{ caller: string; service: string }>(
  {
    code: 'MESH3410',
    severity: 'warning',
    summary: 'Every rule allows its caller something that no other rule allows',
    message: p => `another rule of \`${p.service}\` allows \`${p.caller}\` all that this rule allows`,
    help: () => 'remove one of the two: a rule adds to other rules, it does not limit them',
  },
  function* (_, report, { guarded }) {
    for (const { key: service, allow } of guarded) {
      for (const [index, narrow] of allow.entries()) {
        const wide = allow.find(
          (wide, otherAllow) =>
            otherAllow !== index &&
            isSameCaller(wide.from, narrow.from) &&
            coversRule(wide, narrow) &&
            (otherAllow < index || !coversRule(narrow, wide)),
        )
        if (wide === undefined) continue
        const related = { at: placeAt(wide.origin), message: 'this allows it already' }
        yield report(placeAt(narrow.origin), { caller: nameCaller(narrow.from), service }, [related])
      }
    }
  },
)

function isSameCaller(a: Caller, b: Caller): boolean {
  if (a.kind === 'service') return b.kind === 'service' && a.service === b.service
  return a.kind === b.kind && nameCaller(a) === nameCaller(b)
}

function coversRule(wide: Allow, narrow: Allow): boolean {
  return (
    includesAlternatives(wide.methods, narrow.methods, (a, b) => a.value === b.value) &&
    includesAlternatives(wide.paths, narrow.paths, (a, b) => coversString(a.value, b.value)) &&
    includesAlternatives(wide.ports, narrow.ports, (a, b) => a.port === b.port) &&
    (!requiresToken(wide) || requiresToken(narrow)) &&
    includesAlternatives(wide.issuers, narrow.issuers, (a, b) => a.value === b.value) &&
    coversValues(wide.claims, narrow.claims) &&
    coversValues(wide.headers, narrow.headers)
  )
}

/** Tells whether the other rule also requires each claim or header that one rule requires, with some of its values. */
const coversValues = (wide: Compared, narrow: Compared): boolean =>
  wide.every(([name, values]) => {
    const words = narrow.find(([narrowName]) => String(narrowName) === String(name))?.[1]
    return words !== undefined && includesAlternatives(values, words, (a, b) => a.value === b.value)
  })

type Compared = Allow['claims'] | Allow['headers']

/** Tells whether one list of alternatives contains another. An empty list means everything. */
const includesAlternatives = <T>(
  wide: readonly T[],
  narrow: readonly T[],
  covers: (wide: T, narrow: T) => boolean,
) =>
  wide.length === 0 ||
  (narrow.length > 0 && narrow.every(needed => wide.some(wider => covers(wider, needed))))
