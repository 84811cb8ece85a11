import { chmodSync, realpathSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join, relative, sep } from 'node:path'
import { Failure } from '../cli/failure.ts'
import { mustRead } from '../files/read-file.ts'
import { nameBeside } from '../files/replace-file.ts'
import { attempt } from '../files/system-error.ts'
import type { Project } from './project.ts'

/**
 * Gives files of a project new texts. Each is written beside the old one. After all of them are written, they replace the old ones.
 *
 * @param texts the texts by paths from the root of the project
 */
export function writeTexts({ root, workspace }: Project, texts: ReadonlyMap<string, string>): void {
  const written: { readonly from: string; readonly to: string }[] = []
  try {
    for (const [file, text] of texts) {
      const refused = `\`${file}\` cannot be written`
      // The workspace reads no file outside of the project, so this one is inside.
      if (!('text' in workspace.read(file))) throw new Failure(refused)
      attempt(refused, () => {
        const to = realpathSync.native(join(root, file))
        refuseElsewhere(file, relative(realpathSync.native(root), to).split(sep))
        const from = nameBeside(to)
        const mark = mustRead(to, file).subarray(0, 3).equals(byteOrderMark) ? '\ufeff' : ''
        written.push({ from, to })
        writeFileSync(from, mark + text, { flag: 'wx' })
        chmodSync(from, statSync(to).mode)
      })
    }
    for (const { from, to } of written) attempt(`\`${to}\` cannot be written`, () => renameSync(from, to))
  } finally {
    for (const { from } of written) rmSync(from, { force: true })
  }
}

/** A spec can be a link to a file of the project, but not to a file that configures another tool. */
function refuseElsewhere(file: string, steps: readonly string[]): void {
  const isHidden = steps.some(step => step.startsWith('.'))
  if (steps.join('/') === file || (!isHidden && steps[0] !== 'out')) return
  const help = `mend \`${file}\` by hand, or put a file in the place of the link`
  throw new Failure(`\`${file}\` is a link to \`${steps.join('/')}\`, which meshc does not change`, help)
}

const byteOrderMark = Buffer.from('\ufeff')
