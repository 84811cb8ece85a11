import { Comparison } from './comparison.ts'
import type { Output, OutputFolder } from './output-folder.ts'
import { mustBeFolders } from './tree.ts'

/** How an output folder differs from what a build would put there: paths in it. */
export interface Difference {
  /** Files with another content. */
  readonly stale: readonly string[]
  readonly missing: readonly string[]
  /** Files of an earlier build that belong no more. */
  readonly extra: readonly string[]
}

/** Compares an output folder with a build, and writes nothing. */
export function differenceOf(folder: OutputFolder, output: Output): Difference {
  mustBeFolders(folder.project, folder.name)
  const comparison = new Comparison(folder, output)
  const stale: string[] = []
  const missing: string[] = []
  for (const { path, state } of comparison.files()) {
    if (state === 'missing') missing.push(path)
    else if (state !== 'same') stale.push(path)
  }
  return { stale, missing, extra: comparison.leftOver() }
}
