import { z } from 'zod'
import { Namespace } from './names.ts'
import { defineWords } from './words.ts'

const meaningOfKinds = {
  AuthorizationPolicy: 'Allowed callers and denied requests',
  Certificate: 'The certificate of a gateway, from cert-manager',
  DestinationRule: 'Versions, connection pools, circuit breakers, load balancing',
  EnvoyFilter: 'Rate limits',
  Gateway: 'The hosts and ports of a gateway',
  Kiali: 'The Kiali server',
  PeerAuthentication: 'mTLS',
  PodMonitor: 'The scraping of sidecars by Prometheus',
  PrometheusRule: 'Alerts and recorded series',
  RequestAuthentication: 'The tokens that a service or a gateway accepts',
  Service: 'The Kubernetes Service of virtual machines, or of a service in another cluster',
  ServiceEntry: 'A system outside the mesh',
  ServiceMonitor: 'The scraping of istiod by Prometheus',
  Sidecar: 'The hosts that a sidecar knows',
  Telemetry: 'Access log, traces, metrics',
  VirtualService: 'Routes, timeouts, retries, faults',
  WorkloadEntry: 'A virtual machine',
  WorkloadGroup: 'The identity and the labels of virtual machines',
} as const
export type PatchableKind = keyof typeof meaningOfKinds

/** The kinds with a spec that meshc emits into `manifests/`, in the order of the alphabet: what a patch can change. */
// Object.keys forgets which strings they are.
const patchableKinds = Object.keys(meaningOfKinds) as readonly PatchableKind[]

/** Every kind that meshc emits into `manifests/`. */
export const manifestKinds = [...patchableKinds, 'ConfigMap', 'Namespace'] as const

const objectName = z
  .string()
  .max(253)
  .regex(/^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$/)
  .meta({ title: 'an object name', examples: ['my-api'] })

/** The way out: a change to an object that meshc emits, checked like everything else. */
export const Patch = z
  .strictObject({
    kind: defineWords(meaningOfKinds).meta({
      description: 'The kind of the object',
      examples: ['DestinationRule'],
    }),
    namespace: Namespace.meta({
      description: 'The namespace of the object',
      examples: ['my-api'],
      'x-names': 'namespace',
    }),
    name: objectName.meta({ description: 'The name of the object', examples: ['my-api'] }),
    spec: z.record(z.string(), z.unknown()).meta({
      description:
        'The JSON merge patch (RFC 7386) for the `spec` of the object: maps merge by key, `null` removes a field, and any other value replaces the value of its field',
      examples: [{ trafficPolicy: { loadBalancer: { simple: 'RANDOM' } } }],
    }),
    because: z
      .string()
      .min(1)
      .max(500)
      .optional()
      .meta({ description: 'The reason for the patch', examples: ['until the client is fixed'] }),
  })
  .meta({
    id: 'Patch',
    description: 'A change to an object that meshc emits',
    examples: [
      {
        kind: 'DestinationRule',
        namespace: 'my-api',
        name: 'my-api',
        spec: { trafficPolicy: { loadBalancer: { simple: 'RANDOM' } } },
      },
    ],
  })

/** An object that passes through as it is. */
export const RawObject = z
  .looseObject({
    apiVersion: z
      .string()
      .regex(/^([a-z0-9][-a-z0-9.]*\/)?v[0-9][a-z0-9]*$/)
      .meta({
        title: 'an API version',
        description: 'The API version of the object',
        examples: ['networking.istio.io/v1alpha3'],
      }),
    kind: z
      .string()
      .regex(/^[A-Z][A-Za-z0-9]*$/)
      .meta({ title: 'a kind', description: 'The kind of the object', examples: ['EnvoyFilter'] }),
    metadata: z
      .looseObject({
        name: objectName.meta({ description: 'The name of the object', examples: ['rate-limit'] }),
        namespace: Namespace.optional().meta({
          description: 'The namespace of the object',
          examples: ['my-api'],
          'x-names': 'namespace',
        }),
      })
      .meta({
        description: 'The name and namespace of the object',
        examples: [{ name: 'rate-limit', namespace: 'my-api' }],
      }),
  })
  .meta({
    id: 'RawObject',
    description: 'An object that meshc emits unchanged',
    examples: [
      {
        apiVersion: 'networking.istio.io/v1',
        kind: 'WorkloadEntry',
        metadata: { name: 'vm-1', namespace: 'my-api' },
        spec: { address: '10.0.0.7' },
      },
    ],
  })
