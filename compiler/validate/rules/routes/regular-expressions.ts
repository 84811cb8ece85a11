import type { Match, Mesh, StringMatch } from '../../../mesh/mesh.ts'
import { findSyntaxError, measureProgram } from '../../../mesh/regular-expression.ts'
import type { Sourced, SpecNode } from '../../../mesh/sourced.ts'
import { placeAt } from '../../../mesh/spec-place.ts'
import type { Parts } from '../../parts.ts'
import { findWrittenPlace } from '../../places.ts'
import { defineRule } from '../../rule.ts'

/** Envoy compiles expressions with RE2. If RE2 refuses one, the whole VirtualService has no effect. */
const mostBytes = 1024

/** The limit for all expressions of an environment together. To compile so many takes about a second. */
const mostInstructionsOfAll = 1_000_000

export const regularExpressions = defineRule<{ regex: string; reason: string }>(
  {
    code: 'MESH3107',
    severity: 'error',
    summary: 'A regular expression has RE2 syntax and at most 1024 bytes',
    message: p => `\`${p.regex}\` is not a regular expression of RE2: ${p.reason}`,
    help: () => 'RE2 has no look-around and no back-references: https://github.com/google/re2/wiki/Syntax',
  },
  function* ({ raw, patches }, report, { matches }) {
    let instructions = 0
    for (const { regex, node } of allExpressions(matches, raw, patches)) {
      const isLong = byteLength(regex) > mostBytes
      if (!isLong) instructions += measureProgram(regex)
      const reason = isLong
        ? 'it is too long'
        : instructions > mostInstructionsOfAll
          ? `with it, all expressions have programs of more than ${mostInstructionsOfAll} instructions`
          : findSyntaxError(regex)
      if (reason !== undefined) yield report(placeAt(node), { regex, reason })
    }
  },
)

interface Expression {
  readonly regex: string
  readonly node: SpecNode
}

function* allExpressions(
  matches: Parts['matches'],
  raw: Mesh['raw'],
  patches: Mesh['patches'],
): Iterable<Expression> {
  for (const { match } of matches) {
    for (const condition of listMatchConditions(match))
      if ('regex' in condition.value)
        yield { regex: condition.value.regex, node: findWrittenPlace(condition)! }
  }
  for (const { kind, apiVersion, object, origin } of raw) {
    if (kind === 'VirtualService' && apiVersion.startsWith('networking.istio.io/'))
      yield* expressionsIn(object['spec'], origin.at('spec'))
  }
  for (const { kind, spec, origin } of patches)
    if (kind === 'VirtualService') yield* expressionsIn(spec, origin.at('spec'))
}

/**
 * Yields every text that a part of a VirtualService has under the name that StringMatch gives to expressions.
 */
function* expressionsIn(value: unknown, node: SpecNode): Iterable<Expression> {
  if (typeof value !== 'object' || value === null) return
  const isList = Array.isArray(value)
  for (const [key, entry] of Object.entries(value)) {
    const inner = node.at(isList ? Number(key) : key)
    if (key === 'regex' && typeof entry === 'string') yield { regex: entry, node: inner }
    else yield* expressionsIn(entry, inner)
  }
}

function* listMatchConditions({ headers, query, paths }: Match): Iterable<Sourced<StringMatch>> {
  for (const [, condition] of headers) yield condition
  for (const [, condition] of query) yield condition
  yield* paths
}

const byteLength = (text: string) => new TextEncoder().encode(text).length
