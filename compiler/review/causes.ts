import { once } from '../basics/once.ts'
import type { Difference } from '../behavior/compare/difference.ts'
import type { ManifestObject } from '../behavior/manifest-object.ts'
import type { At, Result } from '../behavior/result.ts'
import { isPathWithin } from '../diagnostics/is-path-within.ts'
import type { SourceMapEntry } from '../emit/print.ts'
import { nameOfObject } from '../manifests/name-of-object.ts'
import { printPointer } from '../provenance/paths.ts'
import { findFirstEdits, makeEditFinder } from './edits-behind.ts'
import type { Cause } from './findings.ts'
import { indexListEntries, type Side, type SideFile } from './side.ts'
import { makeEditPlaceFinder, type SpecEdit } from './spec-edits.ts'

/** Finds the causes of each difference: edits of the spec if there are any, otherwise lines of manifests. */
export function makeCauseFinder(
  before: Side,
  after: Side,
  edits: readonly SpecEdit[],
  all: readonly Difference['causes'][],
): (causes: Difference['causes'], hosts?: readonly string[]) => readonly Cause[] {
  const sideWith = (side: Side, word: 'before' | 'after') => {
    const names = new Set(all.flatMap(causes => causes[word].map(({ object }) => getSourceName(object))))
    const isAsked = ({ objects }: SideFile) => objects.some(({ value }) => names.has(nameOfObject(value)))
    return { side, entries: once(() => indexListEntries(side, names, isAsked)) }
  }
  const sides = { before: sideWith(before, 'before'), after: sideWith(after, 'after') }
  const places = {
    before: before.spec && makeEditPlaceFinder(before.spec, 'before'),
    after: after.spec && makeEditPlaceFinder(after.spec, 'after'),
  }
  const { near, far } = makeEditFinder(edits)
  return (causes, hosts = []) => {
    const entriesFor = (word: 'before' | 'after', at: At) => {
      const all = findEntriesAt(sides[word].entries(), at)
      return at.object.kind === 'Sidecar' && isAnyNamed ? all.filter(entry => isHostNamed(entry, hosts)) : all
    }
    // A Sidecar lists many hosts: other hosts are not related to this destination.
    const isAnyNamed = (['after', 'before'] as const).some(word =>
      causes[word].some(
        at =>
          at.object.kind === 'Sidecar' &&
          findEntriesAt(sides[word].entries(), at).some(entry => isHostNamed(entry, hosts)),
      ),
    )
    const foundCauses = new Map<string, Cause>()
    const add = (cause: Cause) => {
      foundCauses.set(`${cause.file}:${cause.line} ${cause.words}`, cause)
    }
    for (const relations of [near, far]) {
      for (const word of ['after', 'before'] as const) {
        // The side before can add no edit if the side after already has every edit.
        if (foundCauses.size === edits.length) break
        for (const at of causes[word]) {
          const firstEdits = findFirstEdits(word, entriesFor(word, at), relations)
          for (const edit of firstEdits) add({ ...edit.at, words: describeEdit(edit) })
        }
      }
      if (foundCauses.size > 0) break
    }
    if (foundCauses.size > 0) return [...foundCauses.values()]
    for (const word of ['after', 'before'] as const) {
      for (const at of causes[word]) {
        const origin = entriesFor(word, at)[0]?.origins.find(origin => typeof origin !== 'string')
        const place = origin === undefined ? undefined : places[word]?.(origin)
        const { kind, namespace, name } = at.object
        const source = findSourceOfSide(sides[word].side, at.object)
        const words = `${kind} ${namespace}/${name}${printPointer(at.path)}`
        if (place !== undefined) add({ ...place, words })
        else if (source !== undefined)
          add({ file: source.file, line: source.lineOf(at.path), side: word, words })
      }
    }
    // If only one object differs, it is the cause of every difference.
    const [only] = edits
    if (foundCauses.size === 0 && only !== undefined && edits.length === 1)
      add({ ...only.at, words: describeEdit(only) })
    return [...foundCauses.values()]
  }
}

/** Tells whether a value of a Sidecar is one of some hosts, behind its namespace. */
const isHostNamed = ({ value }: SourceMapEntry, hosts: readonly string[]): boolean =>
  hosts.some(host => String(value).endsWith(`/${host}`))

/** Finds the source of an object on a side. A value that both sides share was read at its position on one of them. */
function findSourceOfSide({ files, beside }: Side, { source }: At['object']): At['object']['source'] {
  if (source === undefined) return undefined
  const isIt = ({ value }: ManifestObject) => value === source.value
  return beside.find(isIt) ?? files.flatMap(({ objects }) => objects).find(isIt) ?? source
}

/**
 * Selects the changed parts that can cause this difference. For a newly allowed caller, for example, these are policies, and not the
 * weights of the route. The result is all changed parts if none has a suitable kind.
 */
export function selectRelevant({ section, witness, causes }: Difference): Difference['causes'] {
  const kinds = listKindsBehind(section, [witness.before.result, witness.after.result])
  const isOfKind = ({ object }: At) => kinds.includes(object.kind)
  const foundRelevant = { before: causes.before.filter(isOfKind), after: causes.after.filter(isOfKind) }
  return foundRelevant.before.length + foundRelevant.after.length > 0 ? foundRelevant : causes
}

/** The kinds of objects that can cause the differences of a section. */
function listKindsBehind(section: Difference['section'], results: readonly Result[]): readonly string[] {
  const verdicts = new Set(results.flatMap(({ outcomes }) => outcomes.map(({ verdict }) => verdict)))
  const routes = ['VirtualService', 'DestinationRule', 'ServiceEntry', 'Gateway', 'Service', 'Sidecar']
  if (section === 'routing') return routes
  if (section === 'mtls') return ['PeerAuthentication', 'DestinationRule']
  if (verdicts.has('DENY')) return ['AuthorizationPolicy', 'Deployment']
  if (verdicts.has('UNAUTHENTICATED')) return ['RequestAuthentication', 'AuthorizationPolicy']
  return verdicts.has('RESET') || verdicts.has('UPSTREAM_RESET')
    ? ['PeerAuthentication', 'DestinationRule', 'AuthorizationPolicy']
    : [...routes, 'MeshConfig']
}

const getSourceName = ({ source }: At['object']) => nameOfObject(source?.value)

/** The scalars of a part of an object, or of the nearest enclosing part with scalars. */
function findEntriesAt(
  entries: ReadonlyMap<string, readonly SourceMapEntry[]>,
  { object, path }: At,
): readonly SourceMapEntry[] {
  const all = entries.get(getSourceName(object)) ?? []
  for (let length = path.length; length >= 0; length--) {
    const within = all.filter(entry => isPathWithin(entry.path, path.slice(0, length)))
    if (within.length > 0) return within
  }
  return []
}

/** `services.my-api.timeout: 5s → 30s` */
export function describeEdit({ path, before, after }: SpecEdit): string {
  if (before === undefined) return `${path}: ${after}`
  return after === undefined ? `${path} was ${before}` : `${path}: ${before} → ${after}`
}
