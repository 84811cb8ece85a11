import type { Rule } from '../rule.ts'
import { anyoneExplained } from './access/anyone-explained.ts'
import { askedRequests } from './access/asked-requests.ts'
import { askingAllowed } from './access/asking-allowed.ts'
import { authorizerPorts } from './access/authorizer-ports.ts'
import { callersWithSidecars } from './access/callers-with-sidecars.ts'
import { deniedCallers } from './access/denied-callers.ts'
import { deniedRequests } from './access/denied-requests.ts'
import { deniedTokens } from './access/denied-tokens.ts'
import { effectiveAtDirectPorts } from './access/effective-at-direct-ports.ts'
import { exposuresAllowed } from './access/exposures-allowed.ts'
import { grpcMethods } from './access/grpc-methods.ts'
import { grpcPaths } from './access/grpc-paths.ts'
import { httpConditions } from './access/http-conditions.ts'
import { keptTokens } from './access/kept-tokens.ts'
import { limitedDenials } from './access/limited-denials.ts'
import { neededRules } from './access/needed-rules.ts'
import { noAskingLoops } from './access/no-asking-loops.ts'
import { oneAuthorizer } from './access/one-authorizer.ts'
import { openDirectPorts } from './access/open-direct-ports.ts'
import { provenCallers } from './access/proven-callers.ts'
import { receivedCallers } from './access/received-callers.ts'
import { rewritesAllowed } from './access/rewrites-allowed.ts'
import { scopesKnown } from './access/scopes-known.ts'
import { separateIssuers } from './access/separate-issuers.ts'
import { serviceCallers } from './access/service-callers.ts'
import { tokenAudiences } from './access/token-audiences.ts'
import { tokensRequired } from './access/tokens-required.ts'
import { tokensUnderstood } from './access/tokens-understood.ts'
import { topClaims } from './access/top-claims.ts'
import { usedAuthorizers } from './access/used-authorizers.ts'
import { usedEntrances } from './access/used-entrances.ts'
import { usedIssuers } from './access/used-issuers.ts'
import { wholeSegments } from './access/whole-segments.ts'
import { joinedNetworks } from './clusters/joined-networks.ts'
import { knownLocalities } from './clusters/known-localities.ts'
import { reachableRemoteServices } from './clusters/reachable-remote-services.ts'
import { servicesInOneMesh } from './clusters/services-in-one-mesh.ts'
import { usedEastWest } from './clusters/used-east-west.ts'
import { wholeNetworks } from './clusters/whole-networks.ts'
import { agreedMeshConfig } from './control-plane/agreed-mesh-config.ts'
import { distinctRevisions } from './control-plane/distinct-revisions.ts'
import { effectiveSettings } from './control-plane/effective-settings.ts'
import { followedSettings } from './control-plane/followed-settings.ts'
import { injectedRevisions } from './control-plane/injected-revisions.ts'
import { installedControlPlane } from './control-plane/installed-control-plane.ts'
import { kialiLogin } from './control-plane/kiali-login.ts'
import { nearVersions } from './control-plane/near-versions.ts'
import { passedBesideFields } from './control-plane/passed-beside-fields.ts'
import { passedShapes } from './control-plane/passed-shapes.ts'
import { providerNames } from './control-plane/provider-names.ts'
import { replicaBounds } from './control-plane/replica-bounds.ts'
import { resourceLimits } from './control-plane/resource-limits.ts'
import { revisionOfVersion } from './control-plane/revision-of-version.ts'
import { scrapeInterval } from './control-plane/scrape-interval.ts'
import { usedRevisions } from './control-plane/used-revisions.ts'
import { usedVersion } from './control-plane/used-version.ts'
import { deliveryRepository } from './delivery/delivery-repository.ts'
import { distinctDocuments } from './delivery/distinct-documents.ts'
import { noCredentials } from './delivery/no-credentials.ts'
import { possibleWindows } from './delivery/possible-windows.ts'
import { consistentHash } from './destinations/consistent-hash.ts'
import { effectiveWarmup } from './destinations/effective-warmup.ts'
import { localityWithEjection } from './destinations/locality-with-ejection.ts'
import { soundLocalities } from './destinations/sound-localities.ts'
import { filterOperations } from './envoy-filters/filter-operations.ts'
import { filterScope } from './envoy-filters/filter-scope.ts'
import { knownFilters } from './envoy-filters/known-filters.ts'
import { noSecrets } from './envoy-filters/no-secrets.ts'
import { rawBeside } from './envoy-filters/raw-beside.ts'
import { callersAtExits } from './external/callers-at-exits.ts'
import { certificateCallers } from './external/certificate-callers.ts'
import { clientCertificates } from './external/client-certificates.ts'
import { externalAddresses } from './external/external-addresses.ts'
import { externalCallers } from './external/external-callers.ts'
import { externalHosts } from './external/external-hosts.ts'
import { externalOutside } from './external/external-outside.ts'
import { externalRanges } from './external/external-ranges.ts'
import { externalTcpHost } from './external/external-tcp-host.ts'
import { externalTimes } from './external/external-times.ts'
import { externalTls } from './external/external-tls.ts'
import { externalWildcards } from './external/external-wildcards.ts'
import { fittingLookup } from './external/fitting-lookup.ts'
import { foundByExits } from './external/found-by-exits.ts'
import { originatedAddresses } from './external/originated-addresses.ts'
import { separateAddresses } from './external/separate-addresses.ts'
import { certificateHosts } from './gateways/certificate-hosts.ts'
import { certificateLifetime } from './gateways/certificate-lifetime.ts'
import { corsMethods } from './gateways/cors-methods.ts'
import { encryptedEntrances } from './gateways/encrypted-entrances.ts'
import { exposedHosts } from './gateways/exposed-hosts.ts'
import { exposedRoutes } from './gateways/exposed-routes.ts'
import { hostsOfRequests } from './gateways/hosts-of-requests.ts'
import { loadBalancers } from './gateways/load-balancers.ts'
import { offeredMethods } from './gateways/offered-methods.ts'
import { openedHosts } from './gateways/opened-hosts.ts'
import { ownAnnotations } from './gateways/own-annotations.ts'
import { ownExits } from './gateways/own-exits.ts'
import { ownedPaths } from './gateways/owned-paths.ts'
import { possibleDrains } from './gateways/possible-drains.ts'
import { sentOrigins } from './gateways/sent-origins.ts'
import { separateExposures } from './gateways/separate-exposures.ts'
import { separateListeners } from './gateways/separate-listeners.ts'
import { sharedTokens } from './gateways/shared-tokens.ts'
import { usedExits } from './gateways/used-exits.ts'
import { usedOwners } from './gateways/used-owners.ts'
import { countedRoutes } from './rate-limits/counted-routes.ts'
import { countingAllowed } from './rate-limits/counting-allowed.ts'
import { distinctDomains } from './rate-limits/distinct-domains.ts'
import { fullBursts } from './rate-limits/full-bursts.ts'
import { limitedPorts } from './rate-limits/limited-ports.ts'
import { limitedRoutes } from './rate-limits/limited-routes.ts'
import { limiterPorts } from './rate-limits/limiter-ports.ts'
import { narrowHeaderLimits } from './rate-limits/narrow-header-limits.ts'
import { noCountingLoops } from './rate-limits/no-counting-loops.ts'
import { oneGatewayLimit } from './rate-limits/one-gateway-limit.ts'
import { oneLimiter } from './rate-limits/one-limiter.ts'
import { separateLimitedRoutes } from './rate-limits/separate-limited-routes.ts'
import { usedLimiters } from './rate-limits/used-limiters.ts'
import { knownDestinations } from './raw/known-destinations.ts'
import { rawNames } from './raw/raw-names.ts'
import { rawShapes } from './raw/raw-shapes.ts'
import { verifiedServers } from './raw/verified-servers.ts'
import { addressedReceivers } from './routes/addressed-receivers.ts'
import { distinctEntries } from './routes/distinct-entries.ts'
import { endingRedirects } from './routes/ending-redirects.ts'
import { faultsAllowed } from './routes/faults-allowed.ts'
import { faultsHit } from './routes/faults-hit.ts'
import { hashedRequests } from './routes/hashed-requests.ts'
import { headerChanges } from './routes/header-changes.ts'
import { headerNames } from './routes/header-names.ts'
import { joinedSlashes } from './routes/joined-slashes.ts'
import { mirrors } from './routes/mirrors.ts'
import { normalPaths } from './routes/normal-paths.ts'
import { pathRewrites } from './routes/path-rewrites.ts'
import { plainRedirects } from './routes/plain-redirects.ts'
import { possibleMatches } from './routes/possible-matches.ts'
import { prefixRedirects } from './routes/prefix-redirects.ts'
import { reachableRoutes } from './routes/reachable-routes.ts'
import { readClaims } from './routes/read-claims.ts'
import { receivingPorts } from './routes/receiving-ports.ts'
import { regularExpressions } from './routes/regular-expressions.ts'
import { retriesInTime } from './routes/retries-in-time.ts'
import { routeNames } from './routes/route-names.ts'
import { routeWeights } from './routes/route-weights.ts'
import { safeRetries } from './routes/safe-retries.ts'
import { separatePaths } from './routes/separate-paths.ts'
import { wholeReceivers } from './routes/whole-receivers.ts'
import { boundedRoutes } from './services/bounded-routes.ts'
import { boundedScopes } from './services/bounded-scopes.ts'
import { freePorts } from './services/free-ports.ts'
import { headlessPorts } from './services/headless-ports.ts'
import { headlessVersions } from './services/headless-versions.ts'
import { httpPorts } from './services/http-ports.ts'
import { injectedByOthers } from './services/injected-by-others.ts'
import { injectedNamespaces } from './services/injected-namespaces.ts'
import { keptSidecars } from './services/kept-sidecars.ts'
import { latencyBounds } from './services/latency-bounds.ts'
import { machineAddresses } from './services/machine-addresses.ts'
import { machineRegistration } from './services/machine-registration.ts'
import { machineSettings } from './services/machine-settings.ts'
import { managedNamespaces } from './services/managed-namespaces.ts'
import { objectNames } from './services/object-names.ts'
import { objectives } from './services/objectives.ts'
import { orderedLatencies } from './services/ordered-latencies.ts'
import { ownIdentities } from './services/own-identities.ts'
import { ownNamespaces } from './services/own-namespaces.ts'
import { ownPods } from './services/own-pods.ts'
import { portNumbers } from './services/port-numbers.ts'
import { portTargets } from './services/port-targets.ts'
import { reachableCollector } from './services/reachable-collector.ts'
import { reservedLabels } from './services/reserved-labels.ts'
import { rootNamespace } from './services/root-namespace.ts'
import { separateHosts } from './services/separate-hosts.ts'
import { sharedPods } from './services/shared-pods.ts'
import { shortNames } from './services/short-names.ts'
import { versionsApart } from './services/versions-apart.ts'
import { versionsOfWorkload } from './services/versions-of-workload.ts'
import { workloadSelectors } from './services/workload-selectors.ts'

/** Every rule, in the order of their codes. */
export const rules: readonly Rule[] = [
  objectNames,
  workloadSelectors,
  versionsApart,
  versionsOfWorkload,
  ownIdentities,
  rootNamespace,
  ownNamespaces,
  reservedLabels,
  shortNames,
  portNumbers,
  portTargets,
  freePorts,
  httpPorts,
  objectives,
  latencyBounds,
  boundedScopes,
  boundedRoutes,
  orderedLatencies,
  reachableCollector,
  injectedNamespaces,
  sharedPods,
  headlessPorts,
  headlessVersions,
  machineAddresses,
  machineSettings,
  machineRegistration,
  managedNamespaces,
  separateHosts,
  injectedByOthers,
  ownPods,
  keptSidecars,
  routeWeights,
  routeNames,
  reachableRoutes,
  possibleMatches,
  distinctEntries,
  separatePaths,
  regularExpressions,
  normalPaths,
  plainRedirects,
  prefixRedirects,
  pathRewrites,
  joinedSlashes,
  headerNames,
  headerChanges,
  mirrors,
  retriesInTime,
  safeRetries,
  faultsAllowed,
  faultsHit,
  endingRedirects,
  hashedRequests,
  readClaims,
  receivingPorts,
  wholeReceivers,
  addressedReceivers,
  consistentHash,
  effectiveWarmup,
  localityWithEjection,
  soundLocalities,
  exposedHosts,
  separateExposures,
  exposedRoutes,
  certificateLifetime,
  encryptedEntrances,
  corsMethods,
  ownAnnotations,
  sentOrigins,
  offeredMethods,
  separateListeners,
  sharedTokens,
  certificateHosts,
  openedHosts,
  hostsOfRequests,
  loadBalancers,
  possibleDrains,
  ownedPaths,
  usedOwners,
  foundByExits,
  usedExits,
  ownExits,
  callersAtExits,
  exposuresAllowed,
  usedEntrances,
  httpConditions,
  grpcMethods,
  tokensUnderstood,
  tokensRequired,
  tokenAudiences,
  anyoneExplained,
  provenCallers,
  openDirectPorts,
  effectiveAtDirectPorts,
  neededRules,
  wholeSegments,
  rewritesAllowed,
  grpcPaths,
  topClaims,
  scopesKnown,
  serviceCallers,
  callersWithSidecars,
  separateIssuers,
  usedIssuers,
  keptTokens,
  deniedRequests,
  limitedDenials,
  deniedTokens,
  deniedCallers,
  usedAuthorizers,
  askedRequests,
  askingAllowed,
  authorizerPorts,
  noAskingLoops,
  oneAuthorizer,
  limitedPorts,
  fullBursts,
  narrowHeaderLimits,
  limitedRoutes,
  separateLimitedRoutes,
  oneGatewayLimit,
  usedLimiters,
  limiterPorts,
  countingAllowed,
  noCountingLoops,
  distinctDomains,
  oneLimiter,
  countedRoutes,
  passedBesideFields,
  followedSettings,
  distinctRevisions,
  usedRevisions,
  nearVersions,
  injectedRevisions,
  receivedCallers,
  externalHosts,
  externalOutside,
  externalTls,
  externalWildcards,
  externalAddresses,
  externalTcpHost,
  separateAddresses,
  originatedAddresses,
  externalTimes,
  externalCallers,
  externalRanges,
  fittingLookup,
  clientCertificates,
  certificateCallers,
  replicaBounds,
  resourceLimits,
  revisionOfVersion,
  kialiLogin,
  scrapeInterval,
  installedControlPlane,
  effectiveSettings,
  agreedMeshConfig,
  providerNames,
  noSecrets,
  knownFilters,
  filterOperations,
  filterScope,
  rawBeside,
  deliveryRepository,
  possibleWindows,
  noCredentials,
  rawNames,
  rawShapes,
  knownDestinations,
  verifiedServers,
  passedShapes,
  wholeNetworks,
  joinedNetworks,
  usedEastWest,
  servicesInOneMesh,
  reachableRemoteServices,
  distinctDocuments,
  usedVersion,
  knownLocalities,
]
