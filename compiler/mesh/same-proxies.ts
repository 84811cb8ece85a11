import type { Gateway, Labels } from './mesh.ts'

/** Tells whether two gateways have the same proxies of another owner: one service account, and labels that one pod can have together. */
export const areSameProxies = (a: Gateway, b: Gateway): boolean =>
  a === b ||
  (a.installation === undefined &&
    b.installation === undefined &&
    a.principal.value === b.principal.value &&
    (includesLabels(a.selector, b.selector) || includesLabels(b.selector, a.selector)))

const includesLabels = (labels: Labels, others: Labels) =>
  others.every(([key, { value }]) => labels.some(([name, label]) => name === key && label.value === value))
