import { type LocatedDiagnostic, makeVisible } from '../diagnostics/locate.ts'
import type { Location } from '../diagnostics/source.ts'
import type { SourceMapEntry } from '../emit/print.ts'
import type { Layers } from '../source/layers.ts'
import { findPart, findPartAtLine, type Part } from './entries-at.ts'
import type { Finding } from './findings.ts'
import { printPointer, printSpecPath } from './paths.ts'
import { type DecisionReason, listReasons, type SpecReason } from './reasons.ts'

/** Finds the place in the spec of a finding about a manifest; undefined if the finding is about none of these scalars. */
export function locateFinding(
  finding: Finding,
  {
    output,
    layers,
    entries,
  }: { readonly output: string; readonly layers: Layers; readonly entries: readonly SourceMapEntry[] },
): LocatedDiagnostic | undefined {
  const part = partOf(finding, output, entries)
  const [entry] = part?.entries ?? []
  if (part === undefined || entry === undefined) return undefined
  // The first value of a part decides its place. If meshc decided that value, the reason for the object does.
  const reasons = listReasons(entry.origins, entry, layers)
  const places = reasons.filter((reason): reason is SpecReason => reason.kind === 'spec')
  const [nearest, ...others] = places.flatMap(reason =>
    reason.definitions.slice(0, 1).map(definition => ({ at: getLocation(definition), reason })),
  )
  if (nearest === undefined) return undefined
  const { code, severity, message, address } = finding
  const decision = reasons[0]?.kind === 'spec' ? undefined : (reasons[0] as DecisionReason)
  const help = [
    `it is about \`${part.object}#${printPointer(part.path)}\` at ${output}/${entry.file}:${entry.line}`,
    ...(decision === undefined ? [] : [decidedText(decision)]),
    ...(address === undefined ? [] : [`see ${address}`]),
  ]
  return makeVisible({
    code,
    severity,
    message,
    at: nearest.at,
    related: others
      .slice(0, 3)
      .map(({ at, reason }) => ({ at, message: `\`${printSpecPath(reason.path)}\` is behind it, too` })),
    help: help.join('\n'),
  })
}

const decidedText = ({ summary, set }: DecisionReason) =>
  `meshc decided it: ${summary}${set === undefined ? '' : `; \`${set}\` sets something else`}`

const getLocation = ({ file, start, end }: Location): Location => ({ file, start, end })

/** The part of an object that a finding is about: by file and line, or by the name of the object and a path. */
function partOf(finding: Finding, output: string, entries: readonly SourceMapEntry[]): Part | undefined {
  const { file, line, object, path = [] } = finding
  const here = file === undefined ? [] : entries.filter(entry => namesFile(file, `${output}/${entry.file}`))
  if (here.length > 0 && line !== undefined) {
    const part = findPartAtLine(here, line)
    if (part !== undefined) return part
  }
  const named = object?.toLowerCase()
  const sourceMapEntry = entries.find(entry => entry.object.toLowerCase() === named)
  if (sourceMapEntry === undefined) return undefined
  // The nearest existing part: some tools point after the end of a list, or at a missing part.
  for (let length = path.length; length > 0; length--) {
    const part = findPart(entries, sourceMapEntry.object, path.slice(0, length))
    if (part !== undefined) return part
  }
  return (
    findPart(entries, sourceMapEntry.object, ['metadata', 'name']) ??
    findPart(entries, sourceMapEntry.object, [])
  )
}

/** Tools report file names as they were given: relative to another folder, or absolute. */
const namesFile = (named: string, path: string) => {
  const plain = named.replaceAll('\\', '/').replace(/^\.\//, '')
  return plain === path || plain.endsWith(`/${path}`)
}
