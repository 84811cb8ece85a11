import { coversString } from '../../../mesh/match.ts'
import type { Exposure, PathOwner, Service, StringMatch } from '../../../mesh/mesh.ts'
import { findPathOwner, listPathOwners, measurePath } from '../../../mesh/path-owner.ts'
import { placeAt, placeAtKey } from '../../../mesh/spec-place.ts'
import { printMatch } from '../../../mesh/string-match.ts'
import type { Parts } from '../../parts.ts'
import { findWrittenPlace, makeParty } from '../../places.ts'
import { defineRule } from '../../rule.ts'

/** The platform declares the owner of a path once; the files of a team cannot take a path of another team. */
export const ownedPaths = defineRule<{
  kind: 'other' | 'unowned' | 'within'
  host: string
  path: string
  /** The path of the owner. */
  owned: string
  team: string
  service: string
  owner: string | undefined
}>(
  {
    code: 'MESH3317',
    severity: 'error',
    summary: 'A service is exposed on the paths that its team owns, and on no other',
    reads: ['gateways.*.owners', 'gateways.*.hosts', 'services.*.owner', 'services.*.expose'],
    message: p => {
      const whose = p.owner === undefined ? 'has no owner' : `belongs to \`${p.owner}\``
      if (p.kind === 'unowned')
        return `\`${p.service}\` is exposed on \`${p.path}\` of \`${p.host}\`, which has no owner`
      if (p.kind === 'other')
        return `\`${p.path}\` of \`${p.host}\` belongs to \`${p.team}\`, and \`${p.service}\` ${whose}`
      return `\`${p.service}\` gets requests of \`${p.team}\`: no service of that team is exposed on all of \`${p.owned}\` of \`${p.host}\``
    },
    help: p =>
      p.kind === 'unowned'
        ? 'add the path to the `owners` of the gateway'
        : p.kind === 'other'
          ? `expose it on paths of its own team, or set \`owner: ${p.team}\``
          : `expose a service of \`${p.team}\` on \`${p.owned}\`, or narrow the paths of \`${p.service}\``,
  },
  function* (_, report, { exposures }) {
    const ownersByHost = new Map<string, readonly PathOwner[]>()
    for (const { service, exposure } of exposures) {
      const { gateway, host } = exposure
      const key = `${gateway.name.value} ${host.value}`
      const owners = ownersByHost.get(key) ?? listPathOwners(gateway, host.value)
      ownersByHost.set(key, owners)
      if (owners.length === 0) continue
      for (const path of exposure.paths.length === 0 ? [undefined] : exposure.paths) {
        const at = placeAt(findWrittenPlace(path ?? host)!)
        const match = path?.value ?? everyPath
        const params = {
          host: host.value,
          path: printMatch(match),
          service: service.key,
          owner: service.owner?.value,
        }
        const mine = makeParty(service.owner, `the team of \`${service.key}\``)
        const owner = findPathOwner(owners, match)
        if (owner === undefined) {
          const declared = { at: placeAtKey(owners[0]!.origin.parent!), message: `the owners of its paths` }
          yield report(at, { ...params, kind: 'unowned', owned: '', team: '' }, [declared])
          continue
        }
        if (owner.team.value !== service.owner?.value) {
          const conflict = { kind: 'other', owned: printMatch(owner.path), team: owner.team.value } as const
          yield report(at, { ...params, ...conflict }, [
            ...makeParty(owner.team, 'the owner of the path'),
            ...mine,
          ])
          continue
        }
        for (const inner of owners) {
          if (inner.team.value === owner.team.value || !coversString(match, inner.path)) continue
          if (isServedByOwner(inner, match, exposure, exposures)) continue
          const conflict = { kind: 'within', owned: printMatch(inner.path), team: inner.team.value } as const
          yield report(at, { ...params, ...conflict }, [
            ...makeParty(inner.team, 'the owner of that path'),
            ...mine,
          ])
        }
      }
    }
  },
)

const everyPath: StringMatch = { prefix: '/' }

/** Tells whether a service of the owner of a path takes all of its requests, before a wider exposure does. */
const isServedByOwner = (
  { path, team }: PathOwner,
  wide: StringMatch,
  { gateway, host }: Exposure,
  exposures: Parts['exposures'],
): boolean =>
  exposures.some(
    ({ service, exposure }) =>
      exposure.gateway === gateway &&
      exposure.host.value === host.value &&
      isOf(service, team.value) &&
      exposure.paths.some(({ value }) => coversString(value, path) && measurePath(value) > measurePath(wide)),
  )

const isOf = ({ owner }: Service, team: string) => owner?.value === team
