import type { Route } from '../mesh/mesh.ts'
import { nameReceiver } from '../mesh/share.ts'
import { code, joinParts, type Prose } from './markdown.ts'

/** Describes the destinations of requests: `90% stable, 10% canary`, route by route if there are several. */
export function describeTraffic(routes: readonly Route[]): Prose {
  const [first] = routes
  if (first !== undefined && routes.length === 1) return getShares(first)
  return joinParts(
    routes.map(route => joinParts([code(route.name.value), getShares(route)], ': ')),
    '; ',
  )
}

function getShares({ shares, redirect }: Route): string {
  if (redirect !== undefined) return `redirect, ${redirect.code.value}`
  return shares
    .map(share => {
      const receiver = nameReceiver(share)
      return receiver === undefined ? 'all of it' : `${share.weight.value}% ${receiver}`
    })
    .join(', ')
}
