import { compareVersions, parseVersion } from '../../../mesh/control-planes.ts'
import { placeAt, placeAtKey } from '../../../mesh/spec-place.ts'
import { findWrittenPlace, makeParty } from '../../places.ts'
import { defineRule } from '../../rule.ts'

/**
 * The CRDs in the cluster have the newest version, and the proxies of both control planes communicate. See
 * https://istio.io/latest/docs/setup/upgrade/canary/
 */
export const nearVersions = defineRule<{ newest: string; oldest: string; revision: string }>(
  {
    code: 'MESH3474',
    severity: 'error',
    summary: 'The versions of control planes beside each other are at most one minor version apart',
    message: p =>
      `\`${p.revision}\` runs Istio ${p.oldest} beside Istio ${p.newest}, which is more than one minor version newer`,
    help: () =>
      'upgrade one minor version at a time: move all namespaces, then remove the older control plane',
  },
  function* ({ istio: { controlPlanes } }, report) {
    const sorted = [...controlPlanes].sort((a, b) => compareVersions(b.version.value, a.version.value))
    const [newest, ...others] = sorted
    for (const { origin, revision, version } of others) {
      if (origin === undefined || isNear(newest!.version.value, version.value)) continue
      const written = findWrittenPlace(version)
      const place = written === undefined ? placeAtKey(origin) : placeAt(written)
      const params = {
        newest: newest!.version.value,
        oldest: version.value,
        revision: revision?.value ?? '',
      }
      yield report(place, params, makeParty(newest!.version, 'this is the newest'))
    }
  },
)

function isNear(newest: string, version: string): boolean {
  const [[major, minor], [otherMajor, otherMinor]] = [parseVersion(newest), parseVersion(version)]
  return major === otherMajor && minor - otherMinor <= 1
}
