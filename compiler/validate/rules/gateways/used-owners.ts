import { groupBy } from '../../../basics/group-by.ts'
import { findNearestName } from '../../../diagnostics/suggest.ts'
import { coversHost } from '../../../mesh/gateway-hosts.ts'
import { intersectStrings } from '../../../mesh/match.ts'
import { placeAt } from '../../../mesh/spec-place.ts'
import { printMatch } from '../../../mesh/string-match.ts'
import { findWrittenPlace } from '../../places.ts'
import { defineRule } from '../../rule.ts'

/** A path of a team without a service there is answered 404, or the name of the team is misspelt. */
export const usedOwners = defineRule<{ host: string; path: string; team: string; teams: readonly string[] }>(
  {
    code: 'MESH3318',
    severity: 'warning',
    summary: 'A team that owns a path exposes a service there',
    reads: ['services.*.owner', 'services.*.expose'],
    message: p => `\`${p.team}\` owns \`${p.path}\` of \`${p.host}\`, and exposes no service there`,
    help: p => nearTeam(p) ?? 'expose a service of that team, or remove the path',
  },
  function* (mesh, report, { exposures }) {
    const exposuresByTeam = groupBy(exposures, ({ service }) => [service.owner?.value])
    for (const gateway of mesh.gateways) {
      if (gateway.owners.length === 0) continue
      const teams = [...new Set(mesh.services.flatMap(({ owner }) => owner?.value ?? []))].sort()
      for (const { host, path, team } of gateway.owners) {
        const isUsed = exposuresByTeam
          .get(team.value)
          ?.some(
            ({ exposure }) =>
              exposure.gateway === gateway &&
              coversHost(host, exposure.host.value) &&
              (exposure.paths.length === 0 ||
                exposure.paths.some(({ value }) => intersectStrings(value, path).kind !== 'never')),
          )
        if (isUsed) continue
        const params = { host, path: printMatch(path), team: team.value, teams }
        yield report(placeAt(findWrittenPlace(team)!), params)
      }
    }
  },
)

function nearTeam({
  team,
  teams,
}: {
  readonly team: string
  readonly teams: readonly string[]
}): string | undefined {
  const near = findNearestName(team, teams)
  return near === undefined || near === team ? undefined : `did you mean \`${near}\`?`
}
