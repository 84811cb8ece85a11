import type { Mesh, StringMatch } from '../../mesh/mesh.ts'
import type { Sourced } from '../../mesh/sourced.ts'
import { writtenMatch } from '../../mesh/string-match.ts'
import { at, writtenAt } from '../places.ts'
import { defineRule } from '../rule.ts'

/**
 * Proxies compare paths after they have removed repeated slashes and dots, so that `//admin` is no way round `/admin`.
 * See https://istio.io/latest/docs/ops/best-practices/security/#customize-your-system-on-path-normalization
 */
export const normalPaths = defineRule<{ path: string; normal: string }>(
  {
    code: 'MESH3108',
    severity: 'error',
    summary: 'A path is written as proxies see it',
    message: p => `no request has the path \`${p.path}\`: proxies make \`${p.normal}\` of it`,
    help: p => `write \`${p.normal}\``,
  },
  function* (mesh, report) {
    for (const path of paths(mesh)) {
      if ('regex' in path.value) continue
      const written = writtenMatch(path.value)
      const normal = normalized(written)
      if (normal !== written) yield report(at(writtenAt(path)!), { path: written, normal })
    }
  },
)

/** A path without repeated slashes, `.` and `..`. What ends in `*` has no last segment yet. */
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

function* paths({ services, expectations }: Mesh): Iterable<Sourced<StringMatch>> {
  for (const { routes, fault, exposures, allow } of services) {
    for (const { when } of routes) if (when !== undefined) yield* when.paths
    if (fault?.when !== undefined) yield* fault.when.paths
    for (const { paths } of exposures) yield* paths
    for (const { paths } of allow) yield* paths
  }
  for (const { path } of expectations) if (path !== undefined) yield path
}
