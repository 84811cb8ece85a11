import { makeKeyParty, placeAt } from '../../../mesh/spec-place.ts'
import { printMatch } from '../../../mesh/string-match.ts'
import { findWrittenPlace, makeParty } from '../../places.ts'
import { defineRule } from '../../rule.ts'

/** See https://istio.io/latest/docs/reference/config/networking/virtual-service/#HTTPRedirect (`prefixRewrite`) */
export const prefixRedirects = defineRule<{ route: string; to: string; path: string | undefined }>(
  {
    code: 'MESH3110',
    severity: 'error',
    summary: 'A redirect to a path that ends in `*` comes from paths that end in `*`',
    message: p =>
      p.path === undefined
        ? `\`${p.to}\` keeps what follows the matched path, but the route \`${p.route}\` matches none`
        : `\`${p.to}\` keeps what follows the matched path, but nothing follows \`${p.path}\``,
    help: p => `redirect from paths that end in \`*\`, or to \`${p.to.slice(0, -1)}\``,
  },
  function* (_, report, { redirects }) {
    for (const { route } of redirects) {
      const { name, redirect, when, origin } = route
      const to = redirect?.path
      if (to === undefined || !to.value.endsWith('*')) continue
      const exact = when?.paths.find(({ value }) => !('prefix' in value))
      if (when !== undefined && when.paths.length > 0 && exact === undefined) continue
      const path = exact && printMatch(exact.value)
      const related =
        exact !== undefined
          ? makeParty(exact, 'this is a whole path')
          : when && [makeKeyParty(when.origin, 'it names no path')]
      yield report(
        placeAt(findWrittenPlace(to) ?? origin!),
        { route: name.value, to: to.value, path },
        related ?? [],
      )
    }
  },
)
