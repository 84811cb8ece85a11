import { printCount } from '../../compiler/diagnostics/counted.ts'
import { listQuoted } from '../../compiler/diagnostics/suggest.ts'
import { declareOrRemove, findDifference, isFresh } from '../output/difference.ts'
import { OutputFolder } from '../output/output-folder.ts'
import { listLeftovers } from '../output/recover.ts'
import { findPlantedRepository, runGit } from '../programs/git.ts'
import { makeOutputs } from '../project/outputs.ts'
import {
  type Check,
  type Examined,
  type Installation,
  reportDoubtful,
  reportGood,
  reportWrong,
} from './check.ts'

/** Checks that out/ is the result of the specs, and that git does not ignore it. */
export const outputCheck: Check = {
  name: 'out/',
  examine: installation => [...folders(installation), ...findIgnored(installation)],
}

function folders({ project, result, isAll }: Installation): readonly Examined[] {
  const { root, outputs } = makeOutputs(project, result.compiled, isAll)
  return outputs.flatMap(({ environment, output }) => {
    const folder = new OutputFolder(root, environment.output)
    const { edited, undeclared, ...rest } = findDifference(folder, output)
    const results: Examined[] = []
    if (undeclared.length > 0)
      results.push(
        reportWrong(
          `no spec names ${printCount(undeclared.length, 'file')} in \`${environment.output}\` that would be deployed: ${listQuoted(undeclared)}`,
          declareOrRemove,
        ),
      )
    if (isFresh({ edited, undeclared: [], ...rest }))
      results.push(reportGood(`\`${environment.output}\` is what the spec makes`))
    else if (edited.length > 0) {
      const what = `${printCount(edited.length, 'file')} in \`${environment.output}\` ${edited.length === 1 ? 'was' : 'were'} edited by hand`
      results.push(reportWrong(what, '`meshc build --check` names the lines, and what to change instead'))
    } else
      results.push(
        reportWrong(
          `\`${environment.output}\` is not what the spec makes`,
          '`meshc build` writes it; `--check` says what',
        ),
      )
    const left = listLeftovers(folder)
    if (left.length > 0)
      results.push(
        reportDoubtful(
          `a build of \`${environment.output}\` was interrupted, or is running`,
          'the next `meshc build` clears up what it left',
        ),
      )
    return results
  })
}

/** Finds the output that git ignores: a sync from git contains only committed files. */
function findIgnored({ project: { root }, environments }: Installation): readonly Examined[] {
  const outputs = environments.map(({ output }) => `${output}/meshc.lock.json`)
  // The check of the repository reports a planted one.
  const run =
    findPlantedRepository(root) === undefined ? runGit(root, ['check-ignore', '--', ...outputs]) : undefined
  if (run === undefined || !run.isGood) return []
  const paths = run.stdout.trim().split('\n')
  return [
    reportWrong(
      `git ignores ${printCount(paths.length, 'folder')} of out/`,
      'take `out/` out of .gitignore: it is what is synced',
    ),
  ]
}
