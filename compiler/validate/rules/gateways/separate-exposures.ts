import type { Exposure, StringMatch } from '../../../mesh/mesh.ts'
import type { Sourced } from '../../../mesh/sourced.ts'
import { printMatch } from '../../../mesh/string-match.ts'
import { findWrittenPlace, placeAt } from '../../places.ts'
import { defineRule } from '../../rule.ts'

/** The gateway would reach one of two services on one path of a host, and the spec does not decide which. */
export const separateExposures = defineRule<{
  host: string
  gateway: string
  path: string
  service: string
  otherName: string
}>(
  {
    code: 'MESH3302',
    severity: 'error',
    summary: 'A path of a host at a gateway leads to one service',
    covers: ['KIA1106'],
    message: p => {
      const where = p.path === '/*' ? `\`${p.host}\`` : `\`${p.path}\` of \`${p.host}\``
      return `${where} at the gateway \`${p.gateway}\` leads to \`${p.otherName}\` already`
    },
    help: () => 'expose each service on `paths` of its own',
  },
  function* (_, report, { exposures }) {
    const taken = new Map<
      string,
      { readonly service: string; readonly exposure: Exposure; readonly path: Path }
    >()
    for (const {
      service: { key: service },
      exposure,
    } of exposures) {
      const gateway = exposure.gateway.name.value
      const host = exposure.host.value
      const ownHosts = new Set<string>()
      for (const path of exposure.paths.length === 0 ? everything : exposure.paths) {
        const text = path === undefined ? '/*' : printMatch(path.value)
        // Twice in one list is another rule's.
        if (ownHosts.has(text)) continue
        ownHosts.add(text)
        const key = `${gateway} ${host} ${text}`
        const earlier = taken.get(key)
        if (earlier === undefined) {
          taken.set(key, { service, exposure, path })
          continue
        }
        const related = {
          at: getPlace(earlier.exposure, earlier.path),
          message: `\`${earlier.service}\` is exposed here`,
        }
        const params = { host, gateway, path: text, service, otherName: earlier.service }
        yield report(getPlace(exposure, path), params, [related])
      }
    }
  },
)

type Path = Sourced<StringMatch> | undefined
const everything: readonly Path[] = [undefined]

const getPlace = ({ host }: Exposure, path: Path) => placeAt(findWrittenPlace(path ?? host)!)
