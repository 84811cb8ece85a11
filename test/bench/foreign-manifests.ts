/**
 * Manifests as teams write them: a namespace for twenty services, each with a Deployment, a route, a DestinationRule and a
 * policy that names three callers.
 *
 * @param timeout the timeout of the first route of the first service
 */
export function foreignManifests(count: number, timeout: string): string {
  const teams = Math.ceil(count / 20)
  const namespaces = Array.from(
    { length: teams },
    (_, team) => `apiVersion: v1
kind: Namespace
metadata: { name: team-${team}, labels: { istio-injection: enabled } }
`,
  )
  const services = Array.from({ length: count }, (_, index) =>
    manifestsOf(index, count, index === 0 ? timeout : '3s'),
  )
  return [...namespaces, ...services.flat()].join('---\n')
}

function manifestsOf(index: number, count: number, timeout: string): readonly string[] {
  const [name, namespace] = [`service-${index}`, namespaceOf(index)]
  const metadata = `metadata: { name: ${name}, namespace: ${namespace} }`
  const principals = [1, 7, 30].map(distance => {
    const caller = (index + distance) % count
    return `cluster.local/ns/${namespaceOf(caller)}/sa/service-${caller}`
  })
  return [
    `apiVersion: v1
kind: Service
${metadata}
spec:
  selector: { app: ${name} }
  ports: [{ name: http, port: 80, targetPort: 8080 }]
`,
    `apiVersion: apps/v1
kind: Deployment
${metadata}
spec:
  selector: { matchLabels: { app: ${name} } }
  template:
    metadata: { labels: { app: ${name}, version: v1 } }
    spec: { serviceAccountName: ${name}, containers: [{ name: app, image: app }] }
`,
    `apiVersion: networking.istio.io/v1
kind: VirtualService
${metadata}
spec:
  hosts: [${name}]
  http:
  - match: [{ uri: { prefix: /api } }]
    route: [{ destination: { host: ${name} } }]
    timeout: ${timeout}
  - route: [{ destination: { host: ${name} } }]
`,
    `apiVersion: networking.istio.io/v1
kind: DestinationRule
${metadata}
spec:
  host: ${name}
  trafficPolicy: { connectionPool: { tcp: { maxConnections: 100 } } }
`,
    `apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
${metadata}
spec:
  selector: { matchLabels: { app: ${name} } }
  rules:
  - from: [{ source: { principals: [${principals.join(', ')}] } }]
    to: [{ operation: { methods: [GET, POST], paths: [/api/*] } }]
`,
  ]
}

const namespaceOf = (index: number) => `team-${Math.floor(index / 20)}`
