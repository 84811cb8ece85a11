import type { ReviewedEnvironment } from './reviewed.ts'

/** Groups environments with the same report, each group at the place of its first environment. */
export function pairAlikeEnvironments(
  environments: readonly ReviewedEnvironment[],
): readonly (readonly [ReviewedEnvironment, ...ReviewedEnvironment[]])[] {
  const groups = new Map<string, [ReviewedEnvironment, ...ReviewedEnvironment[]]>()
  for (const environment of environments) {
    const key = JSON.stringify({ ...environment, name: '', review: { ...environment.review, name: '' } })
    const group = groups.get(key)
    if (group === undefined) groups.set(key, [environment])
    else group.push(environment)
  }
  return [...groups.values()]
}

/** The same as if those that are alike were one, called by all of their names. */
export const joinEnvironments = (
  environments: readonly ReviewedEnvironment[],
): readonly ReviewedEnvironment[] =>
  pairAlikeEnvironments(environments).map(group => ({
    ...group[0],
    name: group.map(({ name }) => name).join(', '),
  }))
