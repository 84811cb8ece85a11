import type { ModelObject } from '../behavior/model.ts'
import { claimAllow, findDenyByDefault } from './allow.ts'
import { claimAsking } from './asking.ts'
import { claimCertificates } from './certificates.ts'
import { type Claim, joinProposals, type Proposal, type Unsaid } from './claim.ts'
import { claimDenials } from './deny.ts'
import { claimDestinationRules } from './destination-rules.ts'
import { claimEncryption, findRootPolicy } from './encryption.ts'
import { claimExternals } from './externals.ts'
import type { ForeignMesh } from './foreign-mesh.ts'
import { claimGateways, type ForeignGateway } from './gateways.ts'
import { claimInstallation } from './installation.ts'
import { claimMonitoring, withoutMonitoring } from './monitoring.ts'
import { claimNamespaces } from './namespaces.ts'
import { claimRateLimits } from './rate-limits.ts'
import { claimServices } from './services.ts'
import { claimSettings } from './settings.ts'
import { claimSidecars } from './sidecars.ts'
import { claimTelemetry, findTelemetry } from './telemetry.ts'
import { claimTokens } from './tokens.ts'
import { claimVirtualServices } from './virtual-services.ts'

/** Proposes a spec for a mesh, which expresses each object in the language. */
export function proposeSpec(mesh: ForeignMesh): Proposal {
  const deny = findDenyByDefault(mesh.model)
  const whole = keepPart(mesh)
  const externals = claimExternals(whole, deny === undefined)
  const taken = new Set(externals.claims.flatMap(({ objects }) => objects))
  const isLeft = (object: ModelObject) => !taken.has(object)
  const rest: ForeignMesh = {
    ...whole,
    model: {
      ...whole.model,
      destinationRules: whole.model.destinationRules.filter(isLeft),
      virtualServices: whole.model.virtualServices.filter(isLeft),
    },
  }
  const gateways = claimGateways(rest)
  const tokens = claimTokens(rest, gateways.gateways)
  return joinProposals([
    {
      claims: [claimSettings(rest), ...claimServices(rest), ...claimNamespaces(rest)],
      unsaid: [],
      ineffective: [],
    },
    claimEncryption(rest),
    claimAllow(rest, deny, gateways.gateways, tokens.issuers),
    claimDenials(rest, gateways.gateways, tokens.issuers),
    claimAsking(rest, gateways.gateways),
    claimRateLimits(rest, gateways.gateways),
    tokens,
    claimDestinationRules(rest),
    gateways,
    claimVirtualServices(rest, gateways.gateways),
    externals,
    claimSidecars(rest),
    { claims: claimSetup(rest, gateways.gateways), unsaid: [], ineffective: [] },
    { claims: [], unsaid: listUnsaidKinds(rest), ineffective: listRefused(rest) },
  ])
}

/** Claims objects that do not affect requests, for the import of a whole mesh. */
function claimSetup(mesh: ForeignMesh, gateways: ReadonlyMap<string, ForeignGateway>): readonly Claim[] {
  if (mesh.part !== undefined) return [withoutMonitoring]
  const telemetry = findTelemetry(mesh)
  return [
    ...(telemetry === undefined ? [] : [claimTelemetry(mesh, telemetry)]),
    ...claimCertificates(mesh, gateways),
    ...claimMonitoring(mesh),
    ...claimInstallation(mesh, telemetry, gateways),
  ]
}

/** Lists the objects of kinds that the language has no words for. */
const listUnsaidKinds = ({ model }: ForeignMesh): readonly Unsaid[] =>
  model.unmodelledObjects.map(object => ({ object, reason: `the language has no ${object.kind}` }))

/** Names the objects that a cluster refuses, so that it does not have them. */
const listRefused = ({ model }: ForeignMesh): readonly string[] =>
  model.refused.map(
    ({ object: { kind, namespace, name }, reason }) =>
      `${kind} ${namespace}/${name}: a cluster refuses it, ${reason}`,
  )

/** Keeps the objects of the imported namespaces, and the workloads and Services of all namespaces. */
function keepPart(mesh: ForeignMesh): ForeignMesh {
  const { model, part } = mesh
  if (part === undefined) return mesh
  const isOfPart = ({ namespace }: ModelObject) => part.has(namespace)
  return {
    ...mesh,
    model: {
      ...model,
      gateways: model.gateways.filter(isOfPart),
      virtualServices: model.virtualServices.filter(isOfPart),
      destinationRules: model.destinationRules.filter(isOfPart),
      sidecars: model.sidecars.filter(isOfPart),
      peerAuthentications: model.peerAuthentications.filter(
        policy => isOfPart(policy) || policy === findRootPolicy(model),
      ),
      requestAuthentications: model.requestAuthentications.filter(isOfPart),
      authorizationPolicies: model.authorizationPolicies.filter(isOfPart),
      unmodelledObjects: model.unmodelledObjects.filter(isOfPart),
      rateLimits: model.rateLimits.filter(isOfPart),
      limiterConfigs: model.limiterConfigs.filter(isOfPart),
      services: model.services.filter(service => service.registry === 'Kubernetes' || isOfPart(service)),
      refused: model.refused.filter(({ object }) => isOfPart(object)),
    },
  }
}
