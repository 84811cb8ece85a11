import type { Rule } from '../rule.ts'
import { anyoneExplained } from './anyone-explained.ts'
import { boundedRoutes } from './bounded-routes.ts'
import { boundedScopes } from './bounded-scopes.ts'
import { callersWithSidecars } from './callers-with-sidecars.ts'
import { certificateLifetime } from './certificate-lifetime.ts'
import { consistentHash } from './consistent-hash.ts'
import { corsMethods } from './cors-methods.ts'
import { deliveryRepository } from './delivery-repository.ts'
import { distinctEntries } from './distinct-entries.ts'
import { encryptedEntrances } from './encrypted-entrances.ts'
import { endingRedirects } from './ending-redirects.ts'
import { exposedHosts } from './exposed-hosts.ts'
import { exposedRoutes } from './exposed-routes.ts'
import { exposuresAllowed } from './exposures-allowed.ts'
import { externalAddresses } from './external-addresses.ts'
import { externalCallers } from './external-callers.ts'
import { externalHosts } from './external-hosts.ts'
import { externalOutside } from './external-outside.ts'
import { externalTcpHost } from './external-tcp-host.ts'
import { externalTimes } from './external-times.ts'
import { externalTls } from './external-tls.ts'
import { externalWildcards } from './external-wildcards.ts'
import { faultsAllowed } from './faults-allowed.ts'
import { faultsHit } from './faults-hit.ts'
import { filterOperations } from './filter-operations.ts'
import { filterScope } from './filter-scope.ts'
import { freePorts } from './free-ports.ts'
import { grpcMethods } from './grpc-methods.ts'
import { grpcPaths } from './grpc-paths.ts'
import { hashedRequests } from './hashed-requests.ts'
import { headerChanges } from './header-changes.ts'
import { headerNames } from './header-names.ts'
import { httpConditions } from './http-conditions.ts'
import { httpPorts } from './http-ports.ts'
import { injectedNamespaces } from './injected-namespaces.ts'
import { joinedSlashes } from './joined-slashes.ts'
import { kialiLogin } from './kiali-login.ts'
import { knownDestinations } from './known-destinations.ts'
import { knownFilters } from './known-filters.ts'
import { latencyBounds } from './latency-bounds.ts'
import { mirrors } from './mirrors.ts'
import { neededRules } from './needed-rules.ts'
import { noCredentials } from './no-credentials.ts'
import { noSecrets } from './no-secrets.ts'
import { normalPaths } from './normal-paths.ts'
import { objectNames } from './object-names.ts'
import { objectives } from './objectives.ts'
import { offeredMethods } from './offered-methods.ts'
import { orderedLatencies } from './ordered-latencies.ts'
import { originatedAddresses } from './originated-addresses.ts'
import { ownAnnotations } from './own-annotations.ts'
import { ownIdentities } from './own-identities.ts'
import { ownNamespaces } from './own-namespaces.ts'
import { pathRewrites } from './path-rewrites.ts'
import { plainRedirects } from './plain-redirects.ts'
import { portNumbers } from './port-numbers.ts'
import { portTargets } from './port-targets.ts'
import { possibleMatches } from './possible-matches.ts'
import { possibleWindows } from './possible-windows.ts'
import { prefixRedirects } from './prefix-redirects.ts'
import { provenCallers } from './proven-callers.ts'
import { rawBeside } from './raw-beside.ts'
import { rawNames } from './raw-names.ts'
import { rawShapes } from './raw-shapes.ts'
import { reachableCollector } from './reachable-collector.ts'
import { reachableRoutes } from './reachable-routes.ts'
import { regularExpressions } from './regular-expressions.ts'
import { replicaBounds } from './replica-bounds.ts'
import { reservedLabels } from './reserved-labels.ts'
import { resourceLimits } from './resource-limits.ts'
import { retriesInTime } from './retries-in-time.ts'
import { revisionOfVersion } from './revision-of-version.ts'
import { rewritesAllowed } from './rewrites-allowed.ts'
import { rootNamespace } from './root-namespace.ts'
import { routeNames } from './route-names.ts'
import { routeWeights } from './route-weights.ts'
import { safeRetries } from './safe-retries.ts'
import { scrapeInterval } from './scrape-interval.ts'
import { sentOrigins } from './sent-origins.ts'
import { separateAddresses } from './separate-addresses.ts'
import { separateExposures } from './separate-exposures.ts'
import { separatePaths } from './separate-paths.ts'
import { serviceCallers } from './service-callers.ts'
import { sharedPods } from './shared-pods.ts'
import { shortNames } from './short-names.ts'
import { tokenAudiences } from './token-audiences.ts'
import { tokensRequired } from './tokens-required.ts'
import { tokensUnderstood } from './tokens-understood.ts'
import { topClaims } from './top-claims.ts'
import { usedEntrances } from './used-entrances.ts'
import { versionsApart } from './versions-apart.ts'
import { versionsOfWorkload } from './versions-of-workload.ts'
import { wholeSegments } from './whole-segments.ts'
import { workloadSelectors } from './workload-selectors.ts'

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
  consistentHash,
  exposedHosts,
  separateExposures,
  exposedRoutes,
  certificateLifetime,
  encryptedEntrances,
  corsMethods,
  ownAnnotations,
  sentOrigins,
  offeredMethods,
  exposuresAllowed,
  usedEntrances,
  httpConditions,
  grpcMethods,
  tokensUnderstood,
  tokensRequired,
  tokenAudiences,
  anyoneExplained,
  provenCallers,
  neededRules,
  wholeSegments,
  rewritesAllowed,
  grpcPaths,
  topClaims,
  serviceCallers,
  callersWithSidecars,
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
  replicaBounds,
  resourceLimits,
  revisionOfVersion,
  kialiLogin,
  scrapeInterval,
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
]
