import type { SpecPath } from '../diagnostics/diagnostic.ts'
import { isMap } from '../source/document.ts'
import { printSpecPath } from './paths.ts'
import type { SpecAnswer } from './spec-answer.ts'

/** Prints the value at a path of a spec, in a line: `services.cart.timeout: 5s`. */
export function printSpecAnswer(path: SpecPath, { value, insteadAt, reasons }: SpecAnswer): string {
  const name = printSpecPath(path)
  if (value === undefined)
    return reasons.length === 0 ? `${name}: not set, and nothing holds in its place` : `${name}: not set`
  const shown = getSummary(value)
  return insteadAt === undefined
    ? `${name}: ${shown}`
    : `${name}: not set; \`${printSpecPath(insteadAt)}\` holds: ${shown}`
}

/** A value of a spec in a few words. */
function getSummary(value: unknown): string {
  if (Array.isArray(value)) return `a list of ${value.length}`
  if (!isMap(value)) return String(value)
  const keys = Object.keys(value)
  return keys.length > 8 ? `a map of ${keys.length}` : `{ ${keys.join(', ')} }`
}
