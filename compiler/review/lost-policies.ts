import type { SpecPath } from '../diagnostics/diagnostic.ts'
import { isMap } from '../source/document.ts'
import { isEqual } from '../source/is-equal.ts'

type Fields = Readonly<Record<string, unknown>>

/** A policy that is gone, or that now refuses less or something else. */
interface LostPolicy {
  /** A sentence without a full stop. */
  readonly words: string
  /** The place in the spec of `side`. */
  readonly path: SpecPath
  readonly side: 'before' | 'after'
}

/**
 * Compares the policies of two merged specs. A change of texts and links does not count, nor does a policy that refuses more than
 * before. A policy with another name and the same contents is the same policy.
 */
export function listLostPolicies(before: Fields, after: Fields): readonly LostPolicy[] {
  const [former, now] = [before, after].map(indexPolicies) as [Policies, Policies] // two for two
  return [...former].flatMap(([name, policy]): readonly LostPolicy[] => {
    const path = ['policies', name]
    const same = now.get(name)
    if (same !== undefined) return [...comparePolicies(name, policy, same)]
    const goesOn = [...now].some(([newName, newPolicy]) => !former.has(newName) && isEqual(newPolicy, policy))
    return goesOn ? [] : [{ words: `the policy \`${name}\` is removed`, path, side: 'before' }]
  })
}

/** A policy as far as it decides: the expressions of its lists, and its fields without words for people. */
interface Policy {
  readonly target: unknown
  readonly kinds: readonly unknown[] | undefined
  readonly conditions: readonly unknown[]
  readonly validations: readonly unknown[]
  readonly variables: readonly (readonly [name: string, expression: unknown])[]
  readonly isWarning: boolean
}

type Policies = ReadonlyMap<string, Policy>

const indexPolicies = (spec: Fields): Policies =>
  new Map(
    Object.entries(isMap(spec['policies']) ? spec['policies'] : {}).map(([name, written]) => {
      const fields = isMap(written) ? written : {}
      const { kinds, validationActions: actions } = fields
      const policy: Policy = {
        target: fields['for'],
        kinds: Array.isArray(kinds) ? kinds : undefined,
        conditions: filterMaps(fields['matchConditions']).map(({ expression }) => expression),
        validations: filterMaps(fields['validations']).map(({ expression }) => expression),
        variables: filterMaps(fields['variables']).map(({ name, expression }) => [String(name), expression]),
        isWarning: Array.isArray(actions) && actions.includes('Warn'),
      }
      return [name, policy]
    }),
  )

const filterMaps = (list: unknown): readonly Fields[] => (Array.isArray(list) ? list.filter(isMap) : [])

function* comparePolicies(name: string, before: Policy, after: Policy): Generator<LostPolicy, void> {
  const subject = `the policy \`${name}\``
  const makeLoss = (words: string, ...field: SpecPath): LostPolicy => ({
    words: `${subject} ${words}`,
    path: ['policies', name, ...field],
    side: 'after',
  })
  if (after.isWarning && !before.isWarning) yield makeLoss('only warns now', 'validationActions')
  if (before.target !== after.target) yield makeLoss('checks other objects', 'for')
  const { kinds } = after
  if (kinds !== undefined && before.kinds?.every(kind => kinds.includes(kind)) !== true)
    yield makeLoss('checks manifests of fewer kinds', 'kinds')
  for (const [index, condition] of after.conditions.entries())
    if (!before.conditions.includes(condition)) {
      const words = `leaves out objects for which ${quoteExpression(condition)} is false`
      yield makeLoss(words, 'matchConditions', index)
    }
  for (const [variable, expression] of before.variables) {
    const index = after.variables.findIndex(([name]) => name === variable)
    if (index !== -1 && after.variables[index]![1] !== expression)
      yield makeLoss(`computes \`variables.${variable}\` in another way`, 'variables', index)
  }
  for (const [index, validation] of before.validations.entries())
    if (!after.validations.includes(validation)) {
      const words = `no longer checks ${quoteExpression(validation)}`
      yield { ...makeLoss(words, 'validations', index), side: 'before' }
    }
}

/** An expression in one line, as a sentence quotes it. */
const quoteExpression = (expression: unknown): string =>
  `\`${String(expression).trim().replaceAll(/\s+/g, ' ')}\``
