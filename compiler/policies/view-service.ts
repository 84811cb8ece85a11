import type { Cors, Exposure, Passage, Redirect, Route, Service, Share } from '../mesh/mesh.ts'
import { nameReceiver } from '../mesh/share.ts'
import { because, from, type Sourced } from '../mesh/sourced.ts'
import type { Views } from './view.ts'
import {
  instanceFields,
  listMatchTexts,
  trafficPolicyFields,
  viewAllow,
  viewAuthorize,
  viewDeny,
  viewHeaderChanges,
  viewInstances,
  viewIssuer,
  viewMatch,
  viewPolicy,
  viewRateLimit,
  viewRetries,
  viewRewrite,
} from './view-parts.ts'

/** The types of a service and of its parts. */
export const serviceTypes = {
  Service: {
    key: 'string',
    name: 'string',
    namespace: 'string',
    owner: 'string',
    workload: 'Workload',
    clusters: 'list<string>',
    headless: 'bool',
    ports: 'map<string, Port>',
    versions: 'map<string, Version>',
    routes: 'list<Route>',
    fault: 'Fault',
    expose: 'list<Exposure>',
    jwt: 'list<Issuer>',
    allow: 'list<Allow>',
    deny: 'list<Deny>',
    authorize: 'Authorize',
    rateLimit: 'RateLimit',
    ...trafficPolicyFields,
    objective: 'Objective',
  },
  Workload: {
    labels: 'map<string, string>',
    serviceAccount: 'string',
    sidecar: 'string',
    machines: 'map<string, Machine>',
    registered: 'string',
  },
  Machine: { locality: 'string', weight: 'int' },
  Port: {
    protocol: 'string',
    number: 'int',
    target: 'int',
    mtls: 'string',
    sidecar: 'string',
    ...instanceFields,
  },
  Version: {
    labels: 'map<string, string>',
    ...instanceFields,
  },
  Route: {
    name: 'string',
    when: 'Match',
    traffic: 'map<string, double>',
    redirect: 'Redirect',
    rewrite: 'Rewrite',
    headers: 'HeaderChanges',
    mirror: 'map<string, double>',
    timeout: 'string',
    retries: 'Retries',
    rateLimit: 'RateLimit',
  },
  Redirect: { path: 'string', host: 'string', scheme: 'string', port: 'int', code: 'int' },
  Fault: { delay: 'string', abort: 'int', share: 'double', when: 'Match' },
  Exposure: {
    gateway: 'string',
    host: 'string',
    tcp: 'string',
    port: 'string',
    paths: 'list<string>',
    rewrite: 'Rewrite',
    headers: 'HeaderChanges',
    cors: 'Cors',
  },
  Cors: {
    origins: 'list<string>',
    methods: 'list<string>',
    headers: 'list<string>',
    exposeHeaders: 'list<string>',
    maxAge: 'string',
    credentials: 'bool',
  },
  Objective: { availability: 'double', latency: 'map<string, string>' },
} as const

/** The machines of a service by address; a service whose machines register themselves has none. */
function viewMachines({ make, record }: Views, { machines }: Service): unknown {
  if (machines === undefined) return undefined
  return record(
    machines.entries.map(
      ({ origin, address, locality, weight }) =>
        [address.value, make('Machine', origin, { locality, weight })] as const,
    ),
  )
}

/** A service as expressions read it. */
export function viewService(views: Views, service: Service): object {
  const { make, list, record } = views
  const { fault, objective } = service
  return make('Service', service.origin, {
    key: from(service.origin, service.key),
    name: service.name,
    namespace: service.namespace,
    owner: service.owner,
    workload: () =>
      make('Workload', service.origin, {
        labels: record(service.selector),
        serviceAccount: service.serviceAccount,
        sidecar: service.sidecar,
        machines: () => viewMachines(views, service),
        registered: service.machines?.registered,
      }),
    clusters: list(service.clusters),
    headless: service.headless,
    ports: () =>
      record(
        service.ports.map(
          ({ origin, key, protocol, number, target, mtls, sidecar, refinement }) =>
            [
              key,
              make('Port', origin, {
                protocol,
                number,
                target,
                mtls,
                sidecar,
                ...viewInstances(views, origin, refinement?.policy),
              }),
            ] as const,
        ),
      ),
    versions: () =>
      record(
        service.versions.map(
          ({ origin, name, labels, refinement }) =>
            [
              name.value,
              make('Version', origin, {
                labels: record(labels),
                ...viewInstances(views, origin, refinement?.policy),
              }),
            ] as const,
        ),
      ),
    routes: () => service.routes.map(viewRoute),
    fault: () =>
      fault &&
      make('Fault', fault.origin, {
        delay: fault.delay,
        abort: fault.abort,
        share: fault.share,
        when: viewMatch(views, fault.when),
      }),
    expose: () => [...service.exposures.map(viewExposure), ...service.passages.map(viewPassage)],
    jwt: () => (service.jwt?.issuers ?? []).map(issuer => viewIssuer(views, issuer)),
    allow: () => service.allow.map(rule => make('Allow', rule.origin, viewAllow(views, rule))),
    deny: () => service.deny.map(rule => viewDeny(views, rule)),
    authorize: () => viewAuthorize(views, service.authorize),
    rateLimit: () => viewRateLimit(views, service.rateLimit),
    ...viewPolicy(views, service.origin, service.policy),
    objective:
      objective &&
      make('Objective', objective.origin, {
        availability: objective.availability,
        latency: record(
          objective.latency.map(([quantile, duration]) => [`p${Math.round(quantile * 100)}`, duration]),
        ),
      }),
  })

  function viewRoute(route: Route): object {
    const { origin, name, when, shares, redirect, rewrite, headers, mirror, timeout, retries, rateLimit } =
      route
    return make('Route', origin, {
      name,
      when: () => viewMatch(views, when),
      traffic: record(shares.flatMap(viewShare), 'double'),
      redirect: viewRedirect(redirect),
      rewrite: viewRewrite(views, rewrite),
      headers: () => viewHeaderChanges(views, headers),
      mirror: record(mirror.flatMap(viewShare), 'double'),
      timeout,
      retries: () => viewRetries(views, origin, retries),
      rateLimit: () => viewRateLimit(views, rateLimit),
    })
  }

  function viewRedirect(redirect: Redirect | undefined): object | undefined {
    if (redirect === undefined) return undefined
    const { origin, path, host, scheme, port, code } = redirect
    return make('Redirect', origin, { path, host, scheme, port, code })
  }

  function viewExposure({ origin, gateway, host, port, portOrigin, paths, ...rest }: Exposure): object {
    return make('Exposure', origin, {
      gateway: from(origin.at('gateway'), gateway.name.value),
      host,
      tcp: undefined,
      port: because(port.key, portOrigin),
      paths: listMatchTexts(views, paths),
      rewrite: viewRewrite(views, rest.rewrite),
      headers: () => viewHeaderChanges(views, rest.headers),
      cors: () => viewCors(rest.cors),
    })
  }

  function viewPassage({ origin, gateway, by, port, portOrigin }: Passage): object {
    return make('Exposure', origin, {
      gateway: from(origin.at('gateway'), gateway.name.value),
      host: by.kind === 'host' ? by.host : undefined,
      tcp: by.kind === 'port' ? by.word : undefined,
      port: because(port.key, portOrigin),
      paths: [],
      rewrite: undefined,
      headers: undefined,
      cors: undefined,
    })
  }

  function viewCors(cors: Cors | undefined): object | undefined {
    if (cors === undefined) return undefined
    const { origin, origins, methods, headers, exposeHeaders, maxAge, credentials } = cors
    return make('Cors', origin, {
      origins: list(origins),
      methods: list(methods),
      headers: list(headers),
      exposeHeaders: list(exposeHeaders),
      maxAge,
      credentials,
    })
  }
}

function viewShare(share: Share): readonly (readonly [string, Sourced<number>])[] {
  const receiver = nameReceiver(share)
  return receiver === undefined ? [] : [[receiver, share.weight]]
}
