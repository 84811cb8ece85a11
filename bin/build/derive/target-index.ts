import type { ManifestForm, Target } from './targets.ts'

/** The module that names every target: its type, and how a manifest of it is formed. */
export function printTargetIndex(targets: readonly Target[]): string {
  const kinds = targets.filter(isKind).map(target => ({ ...target, kind: readKind(target) }))
  kinds.sort((a, b) => (a.kind < b.kind ? -1 : 1))
  return `${kinds.map(({ title, name }) => `import type { ${title} } from './${name}.ts'\n`).join('')}
/**
 * The objects that meshc writes, by kind: the \`spec\` of a manifest, its fields beside apiVersion, kind and metadata
 * where it has no spec, or the values of a Helm chart.
 */
export interface BodyByKind {
${kinds.map(({ kind, title }) => `  readonly ${kind}: ${title}\n`).join('')}}

/** Every kind of \`BodyByKind\`, in the order of the alphabet. */
export const targetKinds = [
${kinds.map(({ kind }) => `  '${kind}',\n`).join('')}] as const

/** The form of a manifest of each kind; values of a Helm chart are no manifest. */
export const manifestForms = {
${kinds.map(({ kind, manifest }) => (manifest === undefined ? '' : formLine(kind, manifest))).join('')}} as const
`
}

/**
 * Tells whether a target is a whole of its own: not definitions that others use, nor a part that manifests have in
 * common.
 */
export const isKind = ({ name, manifest }: Target) => manifest !== undefined || name.startsWith('helm-')

/** Reads the name of a target where kinds are chosen: a manifest by its kind, values by the name of their type. */
export const readKind = ({ manifest, title }: Target) => manifest?.kind ?? title

function formLine(kind: string, { apiVersion, scope, body, wave }: ManifestForm): string {
  const sync = wave === undefined ? '' : `, wave: ${wave}`
  return `  ${kind}: { apiVersion: '${apiVersion}', scope: '${scope}', body: '${body}'${sync} },\n`
}
