import type { Labels } from '../mesh/mesh.ts'

/** Prints the selector with which kubectl selects pods: `app=my-api,version=v2`. */
export const printSelector = (...labels: readonly Labels[]): string =>
  [...new Map(labels.flat())].map(([label, { value }]) => `${label}=${value}`).join(',')
