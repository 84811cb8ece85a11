import type { SpecPath } from '../diagnostics/diagnostic.ts'
import { findNearestName } from '../diagnostics/suggest.ts'
import { type Decision, decisions } from '../mesh/decisions.ts'
import { getValue, isMap } from '../source/document.ts'
import type { Layers } from '../source/layers.ts'
import { listLegalFields } from '../source/legal-fields.ts'
import { printSpecPath } from './paths.ts'
import { findDecisionReason, findSpecReason, type Reason } from './reasons.ts'

/** The value at a path of a spec, and its reasons. */
export interface SpecAnswer {
  /** The value; undefined if the spec does not set it. */
  readonly value: unknown
  /** The reasons that set it. If there are none, the place or the default that applies instead. Empty if nothing does. */
  readonly reasons: readonly Reason[]
  /** The place whose value applies instead. */
  readonly insteadAt: SpecPath | undefined
}

/** Explains a path of a spec that the language knows. */
export function explainSpecPath(path: SpecPath, layers: Layers): SpecAnswer {
  const value = getValue(layers.value, path)
  const stated = layers.definitionsOf(path).length > 0 ? [findSpecReason(path, layers)] : []
  if (value !== undefined) return { value, reasons: stated, insteadAt: undefined }
  // A null means that another value applies.
  for (const place of fartherPlaces(path)) {
    if (getValue(layers.value, place) !== undefined)
      return {
        value: getValue(layers.value, place),
        reasons: [...stated, findSpecReason(place, layers)],
        insteadAt: place,
      }
  }
  const decision = [path, ...fartherPlaces(path)].flatMap(decisionsFor)[0]
  const reasons = decision === undefined ? [] : [findDecisionReason(decision, [path])]
  return { value: undefined, reasons: [...stated, ...reasons], insteadAt: undefined }
}

/** The fields of `defaults`, which a route, a service or an external system may say for itself. */
const inherited = new Set(
  Object.values(decisions).flatMap(({ set }) => (set?.startsWith('defaults.') ? [set.slice(9)] : [])),
)

/** Lists the places of a policy that a path does not say: the service of a route, then the defaults. */
function fartherPlaces([section, name, ...rest]: SpecPath): readonly SpecPath[] {
  if (section !== 'services' && section !== 'external') return []
  const [first, index, ...below] = rest
  const isOfRoute = first === 'routes' && typeof index === 'number'
  const field = isOfRoute ? below : rest
  if (!inherited.has(String(field[0]))) return []
  return [...(isOfRoute ? [[section, name!, ...field]] : []), ['defaults', ...field]]
}

/** The defaults that a field overrides: it, or the map that it is part of. */
function decisionsFor(path: SpecPath): readonly Decision[] {
  const fits = ({ set }: { readonly set?: string }) =>
    set !== undefined &&
    set.split('.').length <= path.length &&
    set.split('.').every((step, index) => /^<.*>$/.test(step) || step === path[index])
  return (Object.keys(decisions) as Decision[]).filter(name => fits(decisions[name]))
}

/** Describes the fault of an impossible path, and the probable meaning; undefined for a path of the language. */
export function describeUnknownStep(
  path: SpecPath,
  layers: Layers,
): { readonly message: string; readonly help: string | undefined } | undefined {
  for (const [index, step] of path.entries()) {
    const place = path.slice(0, index)
    const legal = listLegalFields(place)
    const value = getValue(layers.value, place)
    if (legal?.fields.includes(String(step))) continue
    const isThere = getValue(value, [step]) !== undefined || layers.definitionsOf([...place, step]).length > 0
    if (isThere) continue
    const known = [...(legal?.fields ?? []), ...(isMap(value) ? Object.keys(value) : [])]
    const near = findNearestName(String(step), known)
    const where = index === 0 ? 'a spec' : `\`${printSpecPath(place)}\``
    const meant = near === undefined ? undefined : printSpecPath([...place, near, ...path.slice(index + 1)])
    const count = Array.isArray(value) ? `it has ${value.length}` : undefined
    return {
      message: `${where} has no ${typeof step === 'number' ? 'entry' : legal?.isOpen ? 'entry' : 'field'} \`${step}\``,
      help: meant === undefined ? count : `did you mean \`${meant}\`?`,
    }
  }
  return undefined
}
