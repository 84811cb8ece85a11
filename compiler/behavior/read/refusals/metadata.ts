import { type ManifestMap, mapAt, readText } from '../values.ts'
import { type Fault, makeFault, makeFaultIf } from './faults.ts'
import { isDnsLabel } from './names.ts'

/**
 * Checks the name and the annotations of an object of Istio. See validateMetadata in pkg/config/validation/validation.go of
 * istio/istio.
 */
export function checkMetadata(kind: string, metadata: ManifestMap, spec: ManifestMap | undefined): Fault {
  const annotations = mapAt(metadata, 'annotations') ?? {}
  const name = readText(metadata, 'name') ?? ''
  const reserved = reservedAnnotations.find(key => Object.hasOwn(annotations, key))
  return (
    (reserved === undefined
      ? undefined
      : makeFault(`the annotation \`${reserved}\` is Istio's own`, 'annotations', reserved)) ??
    makeFaultIf(
      kind === 'Gateway' && annotations[ofGatewayApi] !== 'gateway' && !isDnsLabel(name),
      'a dot in the name of a Gateway, or more than 63 characters',
      'name',
    ) ??
    (Object.hasOwn(annotations, dryRun)
      ? findDryRunFault(kind, String(annotations[dryRun]), readText(spec, 'action') ?? 'ALLOW')
      : undefined)
  )
}

/** See checkDryRunAnnotation. */
const findDryRunFault = (kind: string, value: string, action: string): Fault =>
  makeFaultIf(
    kind !== 'AuthorizationPolicy',
    `only an AuthorizationPolicy has a dry run`,
    'annotations',
    dryRun,
  ) ??
  makeFaultIf(action !== 'ALLOW' && action !== 'DENY', `${action} has no dry run`, 'annotations', dryRun) ??
  makeFaultIf(
    !/^(?:[1tT0fF]|TRUE|true|True|FALSE|false|False)$/.test(value),
    'neither true nor false',
    'annotations',
    dryRun,
  )

const dryRun = 'istio.io/dry-run'
const ofGatewayApi = 'internal.istio.io/gateway-semantics'
const reservedAnnotations = [
  'internal.istio.io/webhook-always-reject',
  'internal.istio.io/parent-namespace',
  'internal.istio.io/parents',
]
