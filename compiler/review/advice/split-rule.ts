import { isSame } from '../../behavior/compare/affected.ts'
import type { AuthorizationRule } from '../../behavior/model.ts'
import { type Advice, getObjectName, listDecidingObjects } from './advice.ts'

/** Advises on a superfluous dash, which splits a rule into two, each of which allows requests by itself. */
export const splitRule: Advice = advised =>
  advised.difference.change !== 'opened'
    ? []
    : listDecidingObjects(advised, ({ authorizationPolicies }) => authorizationPolicies).flatMap(
        ({ before, after }) => {
          if (before === undefined || after?.action !== 'ALLOW') return []
          const halves = after.rules.flatMap((rule, first) =>
            after.rules.flatMap((authorizationRule, second) =>
              first < second && before.rules.some(whole => isCut(whole, rule, authorizationRule))
                ? [[first, second]]
                : [],
            ),
          )
          return halves.map(
            ([first, second]) =>
              `rules ${first! + 1} and ${second! + 1} of ${getObjectName(after)} were one, and each of them allows by itself: without the dash before the second they are one again`,
          )
        },
      )

const ruleParts = ['from', 'to', 'when'] as const

const listRuleParts = (rule: AuthorizationRule) => ruleParts.filter(part => rule[part].length > 0)

/** Tells whether each part of a rule is now in one of two rules. */
function isCut(whole: AuthorizationRule, a: AuthorizationRule, b: AuthorizationRule): boolean {
  const [ownParts, others] = [listRuleParts(a), listRuleParts(b)]
  return (
    ownParts.length > 0 &&
    others.length > 0 &&
    ownParts.length + others.length === listRuleParts(whole).length &&
    ownParts.every(part => isSame(a[part], whole[part])) &&
    others.every(part => isSame(b[part], whole[part]))
  )
}
