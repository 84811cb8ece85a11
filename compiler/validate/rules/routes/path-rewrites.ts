import { placeAt } from '../../../mesh/spec-place.ts'
import { findWrittenPlace, makeParty } from '../../places.ts'
import { defineRule } from '../../rule.ts'

/** A rewrite replaces the matched part of a path: after a regular expression, this is the whole path. */
export const pathRewrites = defineRule<{ to: string; regex: string | undefined }>(
  {
    code: 'MESH3111',
    severity: 'error',
    summary: 'A rewrite of the path has a path to replace',
    message: p =>
      p.regex === undefined
        ? `\`${p.to}\` replaces no path: the spec names none here`
        : `\`${p.to}\` would replace the whole of every path that matches \`${p.regex}\``,
    help: p =>
      p.regex === undefined
        ? 'name the path to replace; `/*` adds a prefix to every path'
        : 'name a path that ends in `*`',
  },
  function* (_, report, { rewrites }) {
    for (const { rewrite, paths, route } of rewrites) {
      const to = rewrite.path
      if (to === undefined) continue
      const regex = paths.find(({ value }) => 'regex' in value)
      if (paths.length > 0 && regex === undefined) continue
      const written = regex && 'regex' in regex.value ? regex.value.regex : undefined
      const related = makeParty(
        regex ?? route?.when?.origin,
        regex === undefined ? 'this names no path' : 'this is an expression',
      )
      yield report(placeAt(findWrittenPlace(to)!), { to: to.value, regex: written }, related)
    }
  },
)
