import type { Labels } from './model.ts'

/** Tells whether `labels` contains all `wanted` labels, as a selector requires. */
export function isSubset(wanted: Labels, labels: Labels): boolean {
  for (const key of Object.keys(wanted)) if (labels[key] !== wanted[key]) return false
  return true
}
