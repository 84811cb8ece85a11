import type { Manifest } from '../../manifest.ts'
import { escapeTemplate, printTemplate } from '../../yaml.ts'

/**
 * Prints the template of an object in a chart. Values of the chart may change parts of some kinds; other kinds are unchanged.
 *
 * @param text the printed object
 */
export const printObjectTemplate = ({ kind, tree }: Manifest, text: string): string =>
  kind === 'VirtualService' || kind === 'Application' ? printTemplate(tree) : escapeTemplate(text)
