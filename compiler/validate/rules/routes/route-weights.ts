import { countHundredths } from '../../../mesh/hundredths.ts'
import type { Share } from '../../../mesh/mesh.ts'
import { nameReceiver } from '../../../mesh/share.ts'
import type { SpecNode } from '../../../mesh/sourced.ts'
import { placeAt, placeAtKey } from '../../../mesh/spec-place.ts'
import { defineRule } from '../../rule.ts'

/** Envoy divides each weight by the sum of the weights: with any other sum, each version gets another share than the spec has. */
export const routeWeights = defineRule<{ owner: string; sum: number }>(
  {
    code: 'MESH3101',
    severity: 'error',
    summary: 'The weights of a route add up to 100%',
    message: p => `the weights of ${p.owner} add up to ${p.sum}, not 100`,
    help: p => {
      const rest = countHundredths(Math.abs(100 - p.sum)) / 100
      return p.sum < 100 ? `say where the other ${rest}% go` : `remove ${rest}%`
    },
  },
  function* (_, report, { splits }) {
    for (const { service, route } of splits) {
      const { name, origin, shares } = route
      const sum = shares.reduce((total, { weight }) => total + countHundredths(weight.value), 0) / 100
      const place = findTraffic(shares)
      if (sum === 100 || place === undefined) continue
      const isRoutes = origin !== undefined && place.parent?.key === origin.key
      const owner = isRoutes ? `the route \`${name.value}\`` : `\`${service.key}\``
      const related = shares.map(share => ({
        at: placeAt(share.origin!),
        message: `${share.weight.value} for \`${nameReceiver(share)}\``,
      }))
      yield report(placeAtKey(place), { owner, sum }, related)
    }
  },
)

/** The map that the shares are written in. */
const findTraffic = ([share]: readonly Share[]): SpecNode | undefined => share?.origin?.parent
