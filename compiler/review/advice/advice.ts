import type { Difference } from '../../behavior/compare/difference.ts'
import type { BehaviorModel, ModelObject } from '../../behavior/model.ts'

/** A difference, all differences of the report, and the two meshes. */
interface Advised {
  readonly difference: Difference
  readonly differences: readonly Difference[]
  readonly before: BehaviorModel
  readonly after: BehaviorModel
}

/** The advice to the author of a change: sentences without full stops. */
export type Advice = (advised: Advised) => readonly string[]

/** Objects of a kind that decide about the difference, with their state on both sides if they exist there. */
export function listDecidingObjects<Kind extends ModelObject>(
  { difference: { causes }, before, after }: Advised,
  list: (model: BehaviorModel) => readonly Kind[],
): readonly { readonly before: Kind | undefined; readonly after: Kind | undefined }[] {
  const [olds, news] = [indexByName(list(before)), indexByName(list(after))]
  const names = new Set([...causes.before, ...causes.after].map(({ object }) => getObjectName(object)))
  return [...names].flatMap(name => {
    const pair = { before: olds.get(name), after: news.get(name) }
    return pair.before === undefined && pair.after === undefined ? [] : [pair]
  })
}

export const getObjectName = ({ kind, namespace, name }: ModelObject): string =>
  `${kind} ${namespace}/${name}`

const indexByName = <Kind extends ModelObject>(objects: readonly Kind[]): ReadonlyMap<string, Kind> =>
  new Map(objects.map(object => [getObjectName(object), object]))
