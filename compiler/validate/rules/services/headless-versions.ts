import { placeAtKey } from '../../../mesh/spec-place.ts'
import { defineRule } from '../../rule.ts'

/**
 * A caller of a headless Service chooses the pod, and its sidecar connects to that pod independent of the subset: the clusters are of
 * the type ORIGINAL_DST. See convertResolution in pilot/pkg/networking/core/cluster.go of istio/istio.
 */
export const headlessVersions = defineRule<{ service: string }>(
  {
    code: 'MESH3028',
    severity: 'error',
    summary: 'A headless service has no versions',
    message: p =>
      `\`${p.service}\` is headless: its callers choose a pod, and \`versions\` cannot choose another`,
    help: () =>
      'give the versions to a second service of the same pods that has an address, or remove `headless`',
  },
  function* (_, report, { headless }) {
    for (const { key: service, origin, versions } of headless)
      if (versions.length > 0) yield report(placeAtKey(origin.at('versions')), { service })
  },
)
