import type { Position, Range } from 'vscode-languageserver'
import type { TextEdit } from '../../compiler/diagnostics/diagnostic.ts'
import type { LocatedDiagnostic } from '../../compiler/diagnostics/locate.ts'
import { listQuoted } from '../../compiler/diagnostics/suggest.ts'
import { makeNameKey, mentionsIn, type Named } from '../../compiler/provenance/mentions.ts'
import { explainShape } from '../../compiler/source/explain-shape.ts'
import { printScalar } from '../../compiler/source/text-edit.ts'
import { isMeshFile } from '../../schema/generated/mesh-validator.mjs'
import { listAlsoRenamed } from './also-renamed.ts'
import { compileEdited } from './compile-edited.ts'
import { findPlaceAt, listPlaces, type Place } from './places.ts'
import { getRange, type Snapshot } from './snapshot.ts'
import type { View } from './view.ts'

/** Finds the name to rename, as written; undefined if the position has no name. */
export function findRenamable(
  snapshot: Snapshot,
  file: string,
  position: Position,
): { readonly range: Range; readonly placeholder: string } | undefined {
  const at = findPlaceAt(snapshot, file, position)
  if (at === undefined) return undefined
  return { range: getRange(snapshot, at, at.document.source.text), placeholder: at.mention.named.name }
}

/** The edits of a renaming, and the objects with another name in the cluster; or the reason why it is impossible. */
type Renaming =
  | { readonly edits: readonly TextEdit[]; readonly also: readonly string[] }
  | { readonly refusal: string }

/** Renames the entity at a position, in every file of every environment that has it. A new name that would not compile is refused. */
export function rename(snapshot: Snapshot, file: string, position: Position, name: string): Renaming {
  const at = findPlaceAt(snapshot, file, position)
  if (at === undefined) return { refusal: 'nothing that can be renamed is named here' }
  const { named } = at.mention
  if (name === named.name) return { edits: [], also: [] }
  const { places, views } = listPlaces(snapshot, named, file)
  const refusal = whyIllegal(named, name) ?? whyUnreadable(views) ?? whyTaken(named, name, views)
  if (refusal !== undefined) return { refusal }
  const hidden = places.find(place => isOutOfReach(place))
  if (hidden !== undefined)
    return { refusal: `\`${hidden.file}\` names it in a way that cannot be edited: write it as a plain word` }
  const edits = places.map(place => getEdit(place, name))
  const after = views.map(view => ({ view, result: compileEdited(view, edits) }))
  const wrong = after.flatMap(({ view, result }) => newErrors(view.result, result))[0]
  if (wrong !== undefined) return { refusal: `with the name \`${name}\`, ${wrong.message}` }
  const also = after.flatMap(({ view, result }) =>
    view.result.ok && result.ok
      ? listAlsoRenamed(named, name, view.result.value.mesh, result.value.mesh)
      : [],
  )
  return { edits, also: [...new Set(also)] }
}

function whyIllegal(named: Named, name: string): string | undefined {
  const file = shortest(named, name)
  if (isMeshFile(file)) return undefined
  const [first] = explainShape(file, '')
  return `a ${wordOf[named.kind]} cannot be called so: ${first?.message}`
}

/** The shortest file that describes something of this name. */
function shortest({ kind }: Named, name: string): unknown {
  if (kind === 'version') return { services: { service: { versions: { [name]: {} } } } }
  return { [sectionOf[kind]]: { [name]: {} } }
}

const sectionOf = {
  service: 'services',
  issuer: 'issuers',
  authorizer: 'authorizers',
  limiter: 'rateLimiters',
  gateway: 'gateways',
  external: 'external',
  namespace: 'namespaces',
} as const

const wordOf: Readonly<Record<Named['kind'], string>> = {
  service: 'service',
  issuer: 'issuer of tokens',
  authorizer: 'authorizer',
  limiter: 'rate limiter',
  gateway: 'gateway',
  external: 'system outside',
  namespace: 'namespace',
  version: 'version',
}

function whyUnreadable(views: readonly View[]): string | undefined {
  const broken = new Set(views.flatMap(({ broken }) => [...broken]))
  return broken.size === 0
    ? undefined
    : `${listQuoted([...broken])} cannot be read as it is, so what it names is not known: mend it first`
}

function whyTaken(named: Named, name: string, views: readonly View[]): string | undefined {
  const key = makeNameKey({ ...named, name })
  for (const { environment, layers, result } of views) {
    const isDeclared = layers.documents.some(document =>
      mentionsIn(document).some(
        // A namespace needs no description to be there.
        ({ named, isDeclaration }) =>
          makeNameKey(named) === key && (isDeclaration || named.kind === 'namespace'),
      ),
    )
    const mesh = result.ok ? result.value.mesh : undefined
    const namespaces = [mesh?.istio.namespace, ...(mesh?.namespaces ?? []).map(({ name }) => name)]
    const isThere = named.kind === 'namespace' && namespaces.some(namespace => namespace?.value === name)
    if (isDeclared || isThere)
      return `\`${environment.name}\` has a ${wordOf[named.kind]} \`${name}\` already`
  }
  return undefined
}

/** A key with escapes, or a text of several lines. */
const isOutOfReach = ({ start, end, document }: Place) =>
  start === end || document.source.text.slice(start, end).includes('\n')

function getEdit({ mention, style, file, start, end }: Place, name: string): TextEdit {
  const { text, start: from, named, part } = mention
  const whole = text.slice(0, from) + name + text.slice(from + named.name.length)
  if (style === 'hidden') return { file, start, end, text: printScalar(whole) }
  // A value that is only the name may now need quotes: `active: 1` is a number. A key is always text.
  const isAll = style === 'bare' && part === 'value' && whole === name
  return { file, start, end, text: isAll ? printScalar(name) : name }
}

/** The errors that an environment would have, and has not yet. */
function newErrors(present: View['result'], edited: View['result']): readonly LocatedDiagnostic[] {
  const before = listErrors(present).map(makeDiagnosticIdentity)
  return listErrors(edited).filter(error => {
    const index = before.indexOf(makeDiagnosticIdentity(error))
    if (index !== -1) before.splice(index, 1)
    return index === -1
  })
}

const listErrors = ({ diagnostics }: View['result']) =>
  diagnostics.filter(({ severity }) => severity === 'error')

/** An error may shift its place, and its words may have the new name. */
const makeDiagnosticIdentity = ({ code, at }: LocatedDiagnostic) => `${code} ${at.file}`
