import { isSubset } from '../is-subset.ts'
import type { LabelSelector, Labels, Namespace } from '../model.ts'
import { plainRecord } from '../plain-record.ts'
import { listAt, readLabels, readText, readTexts } from './values.ts'

/** A list of selectors of labels, as MeshConfig has it. */
export const readSelectors = (value: unknown, key: string): readonly LabelSelector[] =>
  listAt(value, key).map(selector => ({
    labels: readLabels(selector, 'matchLabels'),
    expressions: listAt(selector, 'matchExpressions').map(expression => ({
      key: readText(expression, 'key') ?? '',
      operator: readText(expression, 'operator') ?? '',
      values: readTexts(expression, 'values'),
    })),
  }))

/**
 * Tells whether istiod watches a namespace: any of its selectors matches the namespace, or it has no selectors. A namespace that no
 * manifest declares has only its name label. See pkg/kube/namespace/filter.go of istio/istio.
 */
export function isDiscovered(
  selectors: readonly LabelSelector[],
  name: string,
  namespace: Namespace | undefined,
): boolean {
  const labels = plainRecord(namespace?.labels ?? {}, { 'kubernetes.io/metadata.name': name })
  return selectors.length === 0 || selectors.some(selector => isSelected(selector, labels))
}

const isSelected = (selector: LabelSelector, labels: Labels): boolean =>
  isSubset(selector.labels, labels) &&
  selector.expressions.every(({ key, operator, values }) => {
    const value = Object.hasOwn(labels, key) ? labels[key] : undefined
    switch (operator) {
      case 'In':
        return value !== undefined && values.includes(value)
      case 'NotIn':
        return value === undefined || !values.includes(value)
      case 'Exists':
        return value !== undefined
      default:
        return value === undefined
    }
  })
