import { placeAt } from '../../../mesh/spec-place.ts'
import { printMatch } from '../../../mesh/string-match.ts'
import { findWrittenPlace } from '../../places.ts'
import { defineRule } from '../../rule.ts'

/**
 * Proxies compare paths after they have removed repeated slashes and dots, so that `//admin` is no way round `/admin`.
 * See https://istio.io/latest/docs/ops/best-practices/security/#customize-your-system-on-path-normalization
 */
export const normalPaths = defineRule<{ path: string; normal: string }>(
  {
    code: 'MESH3108',
    severity: 'error',
    summary: 'A path is written in its normalized form',
    message: p => `no request has the path \`${p.path}\`: proxies normalize it to \`${p.normal}\``,
    help: p => `write \`${p.normal}\``,
  },
  function* ({ expectations }, report, parts) {
    const expected = expectations.flatMap(({ path }) => (path === undefined ? [] : [[path]]))
    for (const paths of [...parts.paths, ...expected]) {
      for (const path of paths) {
        if ('regex' in path.value) continue
        const written = printMatch(path.value)
        const normal = normalized(written)
        if (normal !== written) yield report(placeAt(findWrittenPlace(path)!), { path: written, normal })
      }
    }
  },
)

/** A path without repeated slashes, `.` and `..`. A path that ends in `*` has no last segment yet. */
function normalized(path: string): string {
  if (!path.includes('//') && !path.includes('/.')) return path
  const segments: string[] = []
  const written = path.split('/').slice(1)
  for (const [index, segment] of written.entries()) {
    const isLast = index === written.length - 1
    if (segment === '..') segments.pop()
    if (segment === '..' || segment === '.' || segment === '') {
      if (isLast) segments.push('')
    } else segments.push(segment)
  }
  return `/${segments.join('/')}`
}
