import type { Mesh } from '../../../mesh/mesh.ts'
import type { Sourced } from '../../../mesh/sourced.ts'
import { placeAt } from '../../../mesh/spec-place.ts'
import { findWrittenPlace } from '../../places.ts'
import { defineRule } from '../../rule.ts'

export const noCredentials = defineRule<{ what: string }>(
  {
    code: 'MESH3903',
    severity: 'error',
    summary: 'No URL that goes into git holds a password or token',
    message: p => `${p.what} holds credentials, which would be committed with \`out/\``,
    help: () => 'remove them, and store them in a Secret of Argo CD: `argocd repo add`, `argocd cluster add`',
  },
  function* (mesh, report) {
    for (const [what, url] of urls(mesh)) {
      if (hasCredentials(url.value)) yield report(placeAt(findWrittenPlace(url)!), { what })
    }
  },
)

function* urls({ delivery, istio }: Mesh): Iterable<readonly [string, Sourced<string>]> {
  if (delivery.repository !== undefined) yield ['the URL of the repository', delivery.repository]
  yield ['the URL of the cluster', delivery.cluster]
  if (delivery.argocd.url !== undefined) yield ['the URL of Argo CD', delivery.argocd.url]
  yield ['the URL of the charts', istio.charts]
}

/** Tells whether an address has credentials. Over SSH, a user name alone is not a secret: it is usually `git`. */
function hasCredentials(url: string): boolean {
  const [, scheme, user] = /^([a-z]+):\/\/([^/?#]*)@/.exec(url) ?? []
  return user !== undefined && (scheme !== 'ssh' || user.includes(':'))
}
