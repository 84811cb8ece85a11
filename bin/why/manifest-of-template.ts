import type { Compilation } from '../../compiler/compilation.ts'
import type { SourceMapEntry } from '../../compiler/emit/print.ts'
import { findPart, findPartAtLine, type Part } from '../../compiler/provenance/entries-at.ts'
import { findLineOfManifest, findObjectInTemplate } from '../project/template-line.ts'

/** Finds the part of a manifest that a line of a template of the chart stands for, with the scalars of its object. */
export function findManifestOfTemplate(
  template: string,
  line: number,
  { sourceMap, file }: Pick<Compilation, 'sourceMap' | 'file'>,
): { readonly part: Part; readonly entries: readonly SourceMapEntry[] } | undefined {
  const objectInTemplate = findObjectInTemplate(template, line)
  if (objectInTemplate === undefined) return undefined
  const entries = [...sourceMap(({ object }) => object === objectInTemplate.object)]
  const [first] = entries
  const text = first === undefined ? undefined : file(first.file)?.text
  if (first === undefined || text === undefined) return undefined
  // From the first line of the object to the line that separates it from the next.
  const lines = text.split('\n').slice(first.line - 1)
  const end = lines.indexOf('---')
  const lineOfManifest = findLineOfManifest(end === -1 ? lines : lines.slice(0, end), objectInTemplate)
  const part =
    lineOfManifest === undefined ? undefined : findPartAtLine(entries, first.line - 1 + lineOfManifest)
  const whole = part ?? findPart(entries, objectInTemplate.object, [])
  return whole && { part: whole, entries }
}
