import type { Match, StringMatch } from '../../mesh/mesh.ts'
import { programSize, syntaxErrorOf } from '../../mesh/regular-expression.ts'
import type { Sourced } from '../../mesh/sourced.ts'
import { at, writtenAt } from '../places.ts'
import { defineRule } from '../rule.ts'

/** Envoy compiles expressions with RE2; one that it refuses takes the whole VirtualService down. */
const mostBytes = 1024

/** In all expressions of an environment together. To compile so many takes about a second. */
const mostInstructions = 1_000_000

export const regularExpressions = defineRule<{ regex: string; reason: string }>(
  {
    code: 'MESH3107',
    severity: 'error',
    summary: 'A regular expression is one of RE2, of at most 1024 bytes',
    message: p => `\`${p.regex}\` is not a regular expression of RE2: ${p.reason}`,
    help: () => 'RE2 has no look-around and no back-references: https://github.com/google/re2/wiki/Syntax',
  },
  function* (_, report, { matches }) {
    let instructions = 0
    for (const { match } of matches) {
      for (const condition of conditions(match)) {
        if (!('regex' in condition.value)) continue
        const { regex } = condition.value
        const isLong = byteLength(regex) > mostBytes
        if (!isLong) instructions += programSize(regex)
        const reason = isLong
          ? 'it is too long'
          : instructions > mostInstructions
            ? `with it, all expressions have programs of more than ${mostInstructions} instructions`
            : syntaxErrorOf(regex)
        if (reason !== undefined) yield report(at(writtenAt(condition)!), { regex, reason })
      }
    }
  },
)

function* conditions({ headers, query, paths }: Match): Iterable<Sourced<StringMatch>> {
  for (const [, condition] of headers) yield condition
  for (const [, condition] of query) yield condition
  yield* paths
}

const byteLength = (text: string) => new TextEncoder().encode(text).length
