import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { decisions } from '../../compiler/mesh/decisions.ts'
import { entry, explained, getMesh, getService, resolveTexts } from './resolve-spec.ts'
import { originsIn } from './values.ts'

const defaults = suite('resolve: defaults')

/** Returns a mesh with few fields, so that most values are defaults. */
const terse = () =>
  getMesh(`
    observability:
      tracing: { collector: jaeger-collector.observability:4317 }
      prometheus: { url: http://prometheus.monitoring:9090 }
      kiali: {}
    delivery:
      window: { schedule: 0 9 * * 1-4, duration: 6h }
    namespaces: { shop: {} }
    authorizers: { opa: { grpc: opa.policy:9191 } }
    rateLimiters: { shared: { grpc: ratelimit.limits:8081 } }
    gateways:
      public:
        hosts: [api.example.com]
        certificate: { issuer: letsencrypt-prod }
        clientCertificates: { ca: partners }
      way-out: { egress: true }
      way-across: { eastWest: true }
    services:
      cart:
        port: { http: 8080 }
        versions: { v1: {} }
        fault: { delay: 7s }
        routes: [{ name: moved, when: { paths: [/v1/*] }, redirect: { path: /v2/ } }]
        expose: [{ gateway: public, host: api.example.com }]
        jwt: { issuer: https://login.example.com, jwks: https://login.example.com/jwks.json }
    external:
      stripe: { hosts: [api.stripe.com], port: { https: 443 } }
  `)

defaults('the mesh', () => {
  const { environment, mtls, egress, faults, istio, delivery } = terse()
  assert.equal([environment, mtls, egress, faults].map(explained), [
    '"prod" < default:environment',
    '"strict" < default:mtls',
    '"registry-only" < default:egress',
    '"forbidden" < default:faults',
  ])
  const { version, revision, namespace, trustDomain, replicas, resources, proxy } = istio
  assert.equal([version, revision, namespace, trustDomain, replicas.min, replicas.max].map(explained), [
    '"1.31.4" < default:istio-version',
    'undefined',
    '"istio-system" < default:root-namespace',
    '"cluster.local" < default:trust-domain',
    '1 < default:control-plane-replicas',
    '3 < default:control-plane-replicas',
  ])
  assert.equal(quantities(resources), [
    '"500m" < default:control-plane-resources',
    '"512Mi" < default:control-plane-resources',
    '"2000m" < default:control-plane-resources',
    '"2Gi" < default:control-plane-resources',
  ])
  assert.equal(quantities(proxy.resources), [
    '"100m" < default:proxy-resources',
    '"128Mi" < default:proxy-resources',
    '"2000m" < default:proxy-resources',
    '"1Gi" < default:proxy-resources',
  ])
  assert.equal([proxy.drain, delivery.revision, delivery.sync, delivery.repository].map(explained), [
    '"30s" < default:proxy-drain',
    '"main" < default:delivery-revision',
    '"manual" < default:delivery-sync',
    'undefined',
  ])
})

defaults('the delivery to the cluster', () => {
  const { path, cluster, argocd, window, slackEvents } = terse().delivery
  assert.equal([path, cluster, argocd.namespace, argocd.url, window?.timeZone].map(explained), [
    '"out/prod" < default:delivery-path',
    '"https://kubernetes.default.svc" < default:delivery-cluster',
    '"argocd" < default:argocd-namespace',
    'undefined',
    '"UTC" < default:window-time-zone',
  ])
  assert.is(
    explained(terse().istio.charts),
    '"https://istio-release.storage.googleapis.com/charts" < default:istio-charts',
  )
  assert.equal(
    slackEvents.map(({ value }) => value),
    ['failed', 'degraded', 'unknown', 'waiting', 'deployed'],
  )
  const automatic = getMesh('delivery: { sync: automatic }').delivery.slackEvents
  assert.equal(automatic.map(explained), [
    '"failed" < default:slack-events, delivery.sync',
    '"degraded" < default:slack-events, delivery.sync',
  ])
})

defaults('the observability of the mesh', () => {
  const { accessLog, tracing, prometheus, kiali } = terse().observability
  const words = [accessLog, tracing?.provider, tracing?.sampling, prometheus.interval, kiali?.login]
  assert.equal(words.map(explained), [
    '"json" < default:access-log',
    '"jaeger" < default:tracing-provider',
    '1 < default:sampling',
    '"15s" < default:scrape-interval',
    '"token" < default:kiali-login',
  ])
  assert.is(explained(getMesh('').observability.traced), 'false < default:tracing')
})

defaults('a gateway', () => {
  const [gateway] = terse().gateways
  assert.ok(gateway)
  const { workload, serviceAccount, principal, selector, certificates } = gateway
  const [certificate] = certificates
  assert.equal([workload, serviceAccount, principal, selector[0]![1]].map(explained), [
    '"istio-public" < gateways.public, policy:gateway-workload',
    '"istio-public-service-account" < gateways.public, policy:gateway-workload',
    '"cluster.local/ns/istio-ingress/sa/istio-public-service-account" < default:trust-domain, ' +
      'default:gateway-namespace, gateways.public, policy:gateway-workload',
    '"public" < gateways.public, policy:gateway-workload',
  ])
  const { namespace, http, ports, minimumTls, installation } = gateway
  assert.ok(installation && certificate)
  const { replicas, resources, serviceType } = installation
  assert.equal([ports.http, ports.https].map(explained), [
    '80 < default:gateway-ports',
    '443 < default:gateway-ports',
  ])
  assert.equal([namespace, http, minimumTls, replicas.min, replicas.max, serviceType].map(explained), [
    '"istio-ingress" < default:gateway-namespace',
    '"redirect" < default:gateway-http',
    '1.2 < default:gateway-tls',
    '1 < default:gateway-replicas',
    '5 < default:gateway-replicas',
    '"LoadBalancer" < default:gateway-service',
  ])
  assert.equal(quantities(resources), [
    '"100m" < default:gateway-resources',
    '"128Mi" < default:gateway-resources',
    '"2000m" < default:gateway-resources',
    '"1Gi" < default:gateway-resources',
  ])
  const { secret, issuer, duration, renewBefore } = certificate
  assert.equal([secret, issuer?.kind, duration, renewBefore].map(explained), [
    '"public-tls" < gateways.public, default:certificate-secret',
    '"ClusterIssuer" < default:certificate-issuer-kind',
    '"2160h" < default:certificate-duration',
    '"720h" < default:certificate-renewal',
  ])
})

defaults('a service', () => {
  const cart = getService(terse(), 'cart')
  const { name, namespace, host, serviceAccount, principal, selector } = cart
  assert.equal([name, namespace, host, serviceAccount, principal].map(explained), [
    '"cart" < services.cart, default:service-name',
    '"shop" < namespaces.shop, default:only-namespace',
    '"cart.shop.svc.cluster.local" < services.cart, default:service-name, namespaces.shop, ' +
      'default:only-namespace, policy:cluster-domain',
    '"cart" < services.cart, default:service-name, default:service-account',
    '"cluster.local/ns/shop/sa/cart" < default:trust-domain, namespaces.shop, default:only-namespace, ' +
      'services.cart, default:service-name, default:service-account',
  ])
  assert.equal(
    selector.map(([key, value]) => `${key}: ${explained(value)}`),
    ['app: "cart" < services.cart, default:service-name, default:workload-labels'],
  )
  assert.equal(
    cart.versions[0]?.labels.map(([key, value]) => `${key}: ${explained(value)}`),
    ['version: "v1" < services.cart.versions.v1, default:version-label'],
  )
  const [port] = cart.ports
  assert.equal([port?.name, port?.protocol, port?.number, port?.target, port?.mtls].map(explained), [
    '"http" < services.cart.port.http',
    '"http" < services.cart.port.http',
    '8080 < services.cart.port.http',
    '8080 < services.cart.port.http, default:target-port',
    'undefined',
  ])
  const [moved, rest] = cart.routes
  assert.equal([moved?.redirect?.code, rest?.name, rest?.shares[0]?.weight].map(explained), [
    '301 < default:redirect-code',
    '"default" < policy:route-shape',
    '100 < services.cart.versions.v1, default:traffic',
  ])
  assert.is(cart.exposures[0]?.portOrigin, 'default:exposed-port')
  assert.equal([cart.fault?.share, cart.jwt?.issuers[0]?.forward].map(explained), [
    '100 < default:fault-share',
    'true < default:forward-token',
  ])
})

defaults('how requests are handled', () => {
  const { timeout, retries, circuitBreaker, connections, loadBalancing } = getService(terse(), 'cart').policy
  assert.equal([timeout, retries.attempts, retries.perTryTimeout, retries.on].map(explained), [
    '"30s" < default:timeout',
    '2 < default:retries',
    '"10s" < default:retries',
    '["connect-failure","refused-stream","unavailable"] < default:retries',
  ])
  const { consecutiveErrors, interval, ejectFor, maxEjected } = circuitBreaker!
  assert.equal([consecutiveErrors, interval, ejectFor, maxEjected].map(explained), [
    '5 < default:circuit-breaker',
    '"30s" < default:circuit-breaker',
    '"30s" < default:circuit-breaker',
    '50 < default:circuit-breaker',
  ])
  const { max, pending, connectTimeout, requestsPerConnection, requests, idleTimeout } = connections!
  assert.equal([max, pending, connectTimeout, requestsPerConnection, requests, idleTimeout].map(explained), [
    '100 < default:connections',
    '100 < default:connections',
    '"5s" < default:connections',
    'undefined',
    'undefined',
    'undefined',
  ])
  const { policy, header, cookie, sourceAddress } = loadBalancing
  assert.equal([policy, header, cookie, sourceAddress].map(explained), [
    '"least-request" < default:load-balancing',
    'undefined',
    'undefined',
    'undefined',
  ])
})

defaults('an authorizer', () => {
  const [opa] = terse().authorizers
  assert.equal([opa?.host, opa?.timeout, opa?.failOpen, opa?.statusOnError].map(explained), [
    '"opa.policy.svc.cluster.local" < authorizers.opa.grpc, policy:cluster-domain',
    '"2s" < default:authorizer-timeout',
    'false < default:authorizer-failure',
    'undefined',
  ])
})

defaults('a rate limiter', () => {
  const [shared] = terse().rateLimiters
  assert.equal([shared?.host, shared?.domain, shared?.timeout, shared?.failOpen].map(explained), [
    '"ratelimit.limits.svc.cluster.local" < rateLimiters.shared.grpc, policy:cluster-domain',
    '"shop" < mesh, default:limiter-domain',
    '"100ms" < default:limiter-timeout',
    'true < default:limiter-failure',
  ])
})

defaults('an external system', () => {
  const [stripe] = terse().externals
  assert.ok(stripe)
  assert.equal([stripe.namespace, stripe.tls, stripe.policy.timeout].map(explained), [
    '"istio-system" < default:root-namespace, default:external-namespace',
    '"passthrough" < external.stripe.port.https, default:external-tls',
    '"30s" < default:timeout',
  ])
})

/** Returns the mesh of one of two clusters without fields. */
const getClusters = () =>
  resolveTexts(
    { [entry]: 'meshc: v1\nmesh: shop\nclusters: { eu1: {}, us1: {} }\n' },
    'spec/prod/eu1/mesh.yaml',
  ).mesh!

defaults('a cluster', () => {
  const { environment, cluster, delivery } = getClusters()
  assert.equal([environment, cluster?.name, cluster?.network, delivery.cluster].map(explained), [
    '"prod" < default:environment',
    '"eu1" < clusters.eu1',
    'undefined',
    '"eu1" < clusters.eu1, default:cluster-destination',
  ])
})

defaults('every default is decided somewhere', () => {
  const origins = originsIn([terse(), getMesh(''), getClusters()])
  const decided = new Set([...origins].filter(origin => origin.startsWith('default:')))
  const named = Object.keys(decisions).filter(name => name.startsWith('default:'))
  assert.equal([...decided].sort(), named.sort())
})

const quantities = ({ requests, limits }: ReturnType<typeof terse>['istio']['resources']) =>
  [requests.cpu, requests.memory, limits.cpu, limits.memory].map(explained)

defaults('the origin of a namespace is the first place that names it, or else a default', () => {
  const namesOf = (spec: string) => getMesh(spec).namespaces.map(({ name }) => explained(name))
  assert.equal(
    namesOf(`
    namespaces: { shop: {}, istio-ingress: {} }
    gateways: { public: { hosts: [a.example.com], certificate: { issuer: ca } } }
    services: { cart: { namespace: shop, port: { http: 8080 } } }
  `),
    ['"istio-ingress" < namespaces.istio-ingress', '"shop" < namespaces.shop'],
  )
})

defaults.run()
