import { counted } from '../../compiler/diagnostics/counted.ts'
import { list } from '../../compiler/diagnostics/suggest.ts'
import { plantedRepository, runGit } from '../git.ts'
import { declareOrRemove, differenceOf, isFresh } from '../output/difference.ts'
import { OutputFolder } from '../output/output-folder.ts'
import { leftovers } from '../output/recover.ts'
import { outputsOf } from '../outputs.ts'
import { type Check, doubtful, type Examined, good, type Installation, wrong } from './check.ts'

/** Whether out/ is what the specs make, and git sees it. */
export const outputCheck: Check = {
  name: 'out/',
  examine: installation => [...folders(installation), ...ignored(installation)],
}

function folders({ project, result, isAll }: Installation): readonly Examined[] {
  const { root, outputs } = outputsOf(project, result.compiled, isAll)
  return outputs.flatMap(({ environment, output }) => {
    const folder = new OutputFolder(root, environment.output)
    const { edited, undeclared, ...rest } = differenceOf(folder, output)
    const found: Examined[] = []
    if (undeclared.length > 0)
      found.push(
        wrong(
          `no spec names ${counted(undeclared.length, 'file')} in \`${environment.output}\` that would be deployed: ${list(undeclared)}`,
          declareOrRemove,
        ),
      )
    if (isFresh({ edited, undeclared: [], ...rest }))
      found.push(good(`\`${environment.output}\` is what the spec makes`))
    else if (edited.length > 0) {
      const what = `${counted(edited.length, 'file')} in \`${environment.output}\` ${edited.length === 1 ? 'was' : 'were'} edited by hand`
      found.push(wrong(what, '`meshc build --check` names the lines, and what to change instead'))
    } else
      found.push(
        wrong(
          `\`${environment.output}\` is not what the spec makes`,
          '`meshc build` writes it; `--check` says what',
        ),
      )
    const left = leftovers(folder)
    if (left.length > 0)
      found.push(
        doubtful(
          `a build of \`${environment.output}\` was interrupted, or is running`,
          'the next `meshc build` clears up what it left',
        ),
      )
    return found
  })
}

/** Whoever syncs from git sees only what is committed. */
function ignored({ project: { root }, environments }: Installation): readonly Examined[] {
  const outputs = environments.map(({ output }) => `${output}/meshc.lock.json`)
  // The check of the repository tells of one that is planted.
  const run =
    plantedRepository(root) === undefined ? runGit(root, ['check-ignore', '--', ...outputs]) : undefined
  if (run === undefined || !run.isGood) return []
  const paths = run.stdout.trim().split('\n')
  return [
    wrong(
      `git ignores ${counted(paths.length, 'folder')} of out/`,
      'take `out/` out of .gitignore: it is what is synced',
    ),
  ]
}
