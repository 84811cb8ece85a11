import { printCount } from '../../compiler/diagnostics/counted.ts'
import { readClock } from '../cli/clock.ts'

/** Describes the changes of a build in a folder, and its time: `wrote 0 files, 24 unchanged in out/prod (0.04 s)`. */
export function describeBuild(
  output: string,
  { written, removed, unchanged }: { written: number; removed: number; unchanged: number },
): string {
  const parts = [
    `wrote ${printCount(written, 'file')}`,
    ...(removed > 0 ? [`removed ${removed}`] : []),
    ...(unchanged > 0 ? [`${unchanged} unchanged`] : []),
  ]
  return `${parts.join(', ')} in ${output} (${(readClock() / 1000).toFixed(2)} s)`
}

/** Describes the folder of an environment that equals the result of its spec. */
export const describeFresh = (output: string): string => `${output} is up to date`
