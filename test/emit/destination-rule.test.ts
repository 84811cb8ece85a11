import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { parseAllDocuments } from 'yaml'
import { compileText } from '../support/compile-text.ts'

const destinationRule = suite('destination rule')

const spec = `
meshc: v1
mesh: shop
defaults:
  circuitBreaker: { consecutiveErrors: 5, interval: 10s, ejectFor: 30s, maxEjected: 50% }
  connections: { max: 100, pending: unlimited, connectTimeout: 1s }
services:
  web: { namespace: shop }
  cart:
    namespace: shop
    ports:
      http: 8080
      events: { tcp: 9092, circuitBreaker: none, connections: { idleTimeout: 1h, keepalive: 5m } }
    versions:
      v1: {}
      v2: { circuitBreaker: { consecutiveErrors: 2 }, loadBalancing: { warmup: 1m } }
      v3: { circuitBreaker: none }
    traffic: { v1: 90%, v2: 5%, v3: 5% }
    allow: [{ from: web }]
`

const limits = { maxConnections: 100, connectTimeout: '1s' }
const breaker = {
  consecutive5xxErrors: 5,
  interval: '10s',
  baseEjectionTime: '30s',
  maxEjectionPercent: 50,
}
const events = {
  port: { number: 9092 },
  connectionPool: { tcp: { ...limits, idleTimeout: '3600s', tcpKeepalive: { time: '300s' } } },
}
const leastRequest = { simple: 'LEAST_REQUEST' }
const warming = { simple: 'LEAST_REQUEST', warmup: { duration: '60s' } }

destinationRule('ports and versions have all that holds for them, since Istio inherits nothing there', () => {
  const { trafficPolicy, subsets } = getRule(spec)
  assert.equal(trafficPolicy, {
    connectionPool: { tcp: limits },
    loadBalancer: leastRequest,
    outlierDetection: breaker,
    portLevelSettings: [{ ...events, loadBalancer: leastRequest }],
  })
  assert.equal(subsets, [
    { name: 'v1', labels: { version: 'v1' } },
    {
      name: 'v2',
      labels: { version: 'v2' },
      trafficPolicy: {
        loadBalancer: warming,
        outlierDetection: { ...breaker, consecutive5xxErrors: 2 },
        portLevelSettings: [
          { ...events, loadBalancer: warming, outlierDetection: { ...breaker, consecutive5xxErrors: 2 } },
        ],
      },
    },
    {
      name: 'v3',
      labels: { version: 'v3' },
      // A subset removes no setting. Only the settings of a port can leave out a setting.
      trafficPolicy: {
        portLevelSettings: [
          { port: { number: 8080 }, connectionPool: { tcp: limits }, loadBalancer: leastRequest },
          { ...events, loadBalancer: leastRequest },
        ],
      },
    },
  ])
})

destinationRule('the failover of a version stands beside the circuit breaker that it inherits', () => {
  const { subsets } = getRule(
    spec
      .replace(
        'v3: { circuitBreaker: none }',
        'v3: { loadBalancing: { locality: { failover: { eu: us } } } }',
      )
      .replace('circuitBreaker: none, ', ''),
  )
  const { loadBalancer, outlierDetection, connectionPool } = subsets[2]!.trafficPolicy!
  assert.equal(loadBalancer, {
    simple: 'LEAST_REQUEST',
    localityLbSetting: { enabled: true, failover: [{ from: 'eu', to: 'us' }] },
  })
  assert.equal(outlierDetection, breaker)
  assert.is(connectionPool, undefined)
})

destinationRule('a port alone is enough for a rule', () => {
  const { trafficPolicy } = getRule(`
meshc: v1
mesh: shop
defaults: { circuitBreaker: none, connections: unlimited }
services:
  web: { namespace: shop }
  cart:
    namespace: shop
    ports: { http: 8080, grpc: { grpc: 9090, connections: { requests: 50 } } }
    allow: [{ from: web }]
`)
  assert.equal(trafficPolicy, {
    loadBalancer: leastRequest,
    portLevelSettings: [
      {
        port: { number: 9090 },
        connectionPool: {
          tcp: { maxConnections: 100, connectTimeout: '5s' },
          http: { http1MaxPendingRequests: 100, http2MaxRequests: 50 },
        },
        loadBalancer: leastRequest,
      },
    ],
  })
})

interface Rule {
  readonly trafficPolicy: unknown
  readonly subsets: readonly { readonly trafficPolicy?: Readonly<Record<string, unknown>> }[]
}

/** Returns the DestinationRule of the only called service. */
function getRule(spec: string): Rule {
  const result = compileText(spec)
  if (!result.ok) throw new Error(result.diagnostics.map(({ message }) => message).join('\n'))
  for (const { path, text } of result.value.files()) {
    if (!path.endsWith('.yaml')) continue
    for (const document of parseAllDocuments(text)) {
      const { kind, spec } = document.toJS()
      if (kind === 'DestinationRule') return spec
    }
  }
  throw new Error('no DestinationRule')
}

destinationRule.run()
