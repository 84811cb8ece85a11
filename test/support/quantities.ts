// Quantities in the notation of specs and manifests. This code is independent of the compiler.

/** Returns the length of a duration (`250ms`, `30s`, `5m`, `24h`), in milliseconds. */
export const milliseconds = (text: string): number =>
  amount(text, /^(\d+)(ms|s|m|h)$/, { ms: 1, s: 1000, m: 60_000, h: 3_600_000 })

/** Returns an amount of CPU (`500m`), in thousandths of a core. */
export const millicores = (text: string): number => amount(text, /^(\d+)(m)$/, { m: 1 })

/** Returns an amount of memory (`512Mi`, `2Gi`), in bytes. */
export const bytes = (text: string): number =>
  amount(text, /^(\d+)(Ki|Mi|Gi)$/, { Ki: 2 ** 10, Mi: 2 ** 20, Gi: 2 ** 30 })

/** Returns a percentage (`12.5%`) as a number. */
export const percent = (text: string): number => amount(text, /^(\d+(?:\.\d+)?)(%)$/, { '%': 1 })

function amount(text: string, form: RegExp, units: Readonly<Record<string, number>>): number {
  const [, count, unit] = form.exec(text) ?? []
  const factor = units[unit ?? '']
  if (count === undefined || factor === undefined) throw new Error(`\`${text}\` is no quantity of this kind`)
  return Number(count) * factor
}
