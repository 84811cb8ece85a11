import { unwrap } from '../mesh/sourced.ts'

/** A value that a template of Helm computes: `{{ text }}`. */
export class Action {
  readonly text: string

  constructor(text: string) {
    this.text = text
  }
}

/** An entry or item with actions on the lines round it, such as a condition under which it is there. */
export class Guarded {
  readonly open: readonly string[]
  readonly value: unknown
  readonly close: readonly string[]

  constructor(open: readonly string[], value: unknown, close: readonly string[]) {
    this.open = open
    this.value = value
    this.close = close
  }
}

/** A part of a manifest in a template: with actions in the places of values of the chart. */
type ChartForm<T> = (part: T) => unknown

/** The form is under a symbol. A printer of plain manifests does not see it, and a copy of the map keeps it. */
const chartForm = Symbol('chart form')

interface WithChartForm {
  [chartForm]?: ChartForm<unknown> | undefined
}

/** A new map that has another form in the Helm chart. */
export function withChartForm<T extends object>(part: T, form: ChartForm<T>): T {
  // The form gets only values from the maker of T, and only a copy of this part.
  ;(part as WithChartForm)[chartForm] = form as ChartForm<unknown>
  return part
}

/** A tree without its origins, its parts in the form that they have in the Helm chart. */
export function makeTemplate(tree: unknown): unknown {
  const value = unwrap(tree)
  if (Array.isArray(value)) return value.map(makeTemplate)
  if (value instanceof Guarded) return new Guarded(value.open, makeTemplate(value.value), value.close)
  if (typeof value !== 'object' || value === null || value instanceof Action) return value
  // Every map may have one.
  const form = (value as WithChartForm)[chartForm]
  if (form !== undefined) return makeTemplate(form({ ...value, [chartForm]: undefined }))
  // Without a prototype, so that a field named `__proto__` is a field like others.
  const copy: Record<string, unknown> = Object.create(null)
  for (const key in value) copy[key] = makeTemplate((value as Readonly<Record<string, unknown>>)[key])
  return copy
}
