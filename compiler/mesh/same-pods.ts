import type { Service } from './mesh.ts'
import type { Reason } from './sourced.ts'

/** Tells whether the settings of its pods are written under the name of this service. */
export const isFirstOfPods = (service: Service): boolean => service.samePods[0]!.key === service.key

/** The service that gives the Deployments of its pods their name, and that has their versions. */
export const findDeployedService = ({ samePods }: Service): Service =>
  samePods.find(({ versions }) => versions.length > 0) ?? samePods[0]!

/** Lists the reasons why the pods of a service are these. */
const listPodReasons = ({ namespace, selector }: Service): readonly Reason[] => [
  namespace,
  ...selector.map(([, value]) => value),
]

/** Lists the reasons why a service shares its pods; empty if it does not. */
export function listSharingReasons(service: Service): readonly Reason[] {
  // One of three can go and leave two.
  const sharingService = service.samePods.find(({ key }) => key !== service.key)
  return sharingService === undefined ? [] : [...listPodReasons(service), ...listPodReasons(sharingService)]
}
