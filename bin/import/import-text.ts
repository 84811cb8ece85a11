import type { Limits } from '../../compiler/behavior/budget.ts'
import type { ManifestObject } from '../../compiler/behavior/manifest-object.ts'
import { printCount } from '../../compiler/diagnostics/counted.ts'
import { makePainter } from '../../compiler/diagnostics/frames.ts'
import { makeTextVisible } from '../../compiler/diagnostics/visible.ts'
import type { ImportedMesh } from '../../compiler/import/import-mesh.ts'
import { summarizeImport } from '../../compiler/import/import-summary.ts'
import { listMoves } from '../../compiler/import/moves.ts'
import { getEntry, type ImportedEnvironment } from '../../compiler/import/spec-files.ts'
import { judge, reviewEnvironment, reviewText } from '../../compiler/review/index.ts'
import type { Review } from '../../compiler/review/reviewed.ts'
import type { Side } from '../../compiler/review/side.ts'
import { groupByFile } from '../diff/sides.ts'
import type { LoadedManifests } from '../manifests/load-manifests.ts'

/** The report of an imported environment: with the text of its spec, and the proof. */
export interface ImportReport extends ImportedEnvironment {
  readonly text: string
  /** True if meshc proves that every request has the same result as before. */
  readonly isProved: boolean
  /** The differences in words; made when they are first asked for. */
  readonly review: () => Review
}

/** Lists the objects that change in place, and the order of the others that leaves no gap. */
function describeMoves(imported: ImportedMesh): readonly string[] {
  const { kept, added, removed } = listMoves(imported)
  return [
    `${printCount(kept, 'object')} ${kept === 1 ? 'keeps its name and is' : 'keep their names and are'} changed in place`,
    ...(added.length === 0 ? [] : [`first apply what is new: ${listFew(added)}`]),
    ...(removed.length === 0 ? [] : [`then delete what is gone: ${listFew(removed)}`]),
  ]
}

const mostListedNames = 20
/** The number of objects that a list of the report names. */
const mostRows = 100

function listFew(names: readonly string[]): string {
  const rest = names.length - mostListedNames
  return `${names.slice(0, mostListedNames).join(', ')}${rest > 0 ? ` and ${rest} more` : ''}`
}

/** The report of an import for a reader: its figures, the parts that stay, and the proof. */
export function importText({ name, imported, text, isProved, review }: ImportReport, color: boolean): string {
  const paint = makePainter(color)
  const { inWords, patched, raw, scalars, scalarsInWords } = summarizeImport(imported)
  const share = scalars === 0 ? 100 : Math.floor((scalarsInWords / scalars) * 100)
  const { unsaid, ineffective } = imported
  return [
    `${paint('strong', getEntry(name))}: ${printCount(text.trimEnd().split('\n').length, 'line')} of ${printCount(inWords + unsaid.length, 'object')}`,
    `  the language says ${printCount(inWords, 'object')} and ${share} % of all values; ${patched} ${patched === 1 ? 'patch' : 'patches'} and ${printCount(raw, 'raw object')} say the rest`,
    ...listRows(
      'not in the words of the language',
      unsaid.map(
        ({ object: { kind, namespace, name, source }, reason }) =>
          `${kind} ${namespace}/${name}${source === undefined ? '' : ` (${source.file}:${source.line})`}: ${reason}`,
      ),
    ),
    ...listRows('left out, without effect', ineffective),
    ...listRows('in the cluster', describeMoves(imported)),
    '',
    describeProof(),
  ].join('\n')

  function listRows(heading: string, rows: readonly string[]): readonly string[] {
    if (rows.length === 0) return []
    const rest = rows.length - mostRows
    return [
      '',
      paint('strong', heading),
      ...rows.slice(0, mostRows).map(row => `  ${makeTextVisible(row)}`),
      ...(rest > 0 ? [`  and ${rest} more: \`--json\` lists all`] : []),
    ]
  }

  function describeProof(): string {
    const { pairs } = imported.comparison
    return isProved
      ? `${paint('strong', 'proved equal')}: ${printCount(pairs.all, 'pair')} of caller and destination`
      : reviewText(review(), color)
  }
}

/** Compares the manifests with the spec once more, as `meshc diff` does, for the words of each difference. */
export const reviewImport = (
  { name, imported: { before, after } }: ImportedEnvironment,
  manifests: LoadedManifests,
  limits: Limits,
): Review => reviewObjects(name, [manifests.name, getEntry(name)], [before, after], limits)

/** Compares two states of objects as `meshc diff` does. */
export function reviewObjects(
  environment: string,
  [before, after]: readonly [string, string],
  [objectsBefore, objectsAfter]: readonly [readonly ManifestObject[], readonly ManifestObject[]],
  limits: Limits,
): Review {
  const makeSide = (name: string, objects: readonly ManifestObject[]): Side => ({
    name,
    files: groupByFile(objects),
    beside: [],
    spec: undefined,
    version: undefined,
    isPlain: true,
  })
  const sides = [makeSide(before, objectsBefore), makeSide(after, objectsAfter)] as const
  const review = { ...reviewEnvironment(environment, ...sides, { limits }), groups: [], notices: [] }
  const judgement = judge(review, [], { counting: [], ownWaivers: [] })
  return { before, after, environments: [{ name: environment, review, ...judgement }] }
}
