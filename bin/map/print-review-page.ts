import type { Limits } from '../../compiler/behavior/budget.ts'
import { makePageMesh } from '../../compiler/map/make-page-mesh.ts'
import { makePackTables, type PackTables } from '../../compiler/map/pack-object.ts'
import type { PageData, PageEnvironment } from '../../compiler/map/page-data.ts'
import { makeSideBefore } from '../../compiler/review/index.ts'
import type { Review, ReviewedEnvironment } from '../../compiler/review/reviewed.ts'
import type { Side } from '../../compiler/review/side.ts'
import type { EnvironmentPair } from '../diff/environment-pairs.ts'
import { version } from '../package.ts'
import { makeSideToDraw } from './draw-side.ts'
import { listPageDifferences } from './list-page-differences.ts'
import { printPage } from './print-page.ts'

/**
 * Prints the page of a review: each environment before and after the change, with the differences on its map.
 *
 * @param progress called with the part that is drawn next
 */
export const printReviewPage = (
  review: Review,
  pairs: readonly EnvironmentPair[],
  limits: Limits,
  progress: (words: string) => void,
): string => printPage(makeReviewData(review, pairs, limits, progress))

/** Makes the data of that page. */
export function makeReviewData(
  review: Pick<Review, 'before' | 'environments'>,
  pairs: readonly Pick<EnvironmentPair, 'sides'>[],
  limits: Limits,
  progress: (words: string) => void,
): PageData {
  const environments = review.environments.flatMap((environment, index) => {
    progress(`drawing ${environment.name}`)
    const page = makePageEnvironment(review.before, environment, pairs[index]!, limits)
    return page === undefined ? [] : [page]
  })
  return { meshc: version, environments }
}

function makePageEnvironment(
  nameBefore: string,
  { name, review }: ReviewedEnvironment,
  { sides }: Pick<EnvironmentPair, 'sides'>,
  limits: Limits,
): PageEnvironment | undefined {
  if (sides === undefined) return undefined
  const was = sides.before === 'nothing' ? makeSideBefore(nameBefore, sides.after) : sides.before
  const options = `--env ${name}`
  const draw = (side: Side, tables: PackTables) =>
    makePageMesh(makeSideToDraw(name, side, options), limits, () => {}, tables)
  // Both states use the same numbers for their common parts, so the page contains these once.
  const tables = makePackTables()
  const mesh = draw(sides.after, tables)
  const before = draw(was, makePackTables(tables))
  return {
    mesh,
    change: {
      before,
      notices: review.notices.map(({ words }) => words),
      differences: listPageDifferences(review, [before.map, mesh.map]),
    },
  }
}
