import { z } from 'zod'
import { GatewayDeny } from './deny.ts'
import { Replicas, Resources } from './istio.ts'
import { AnnotationKey, Duration, GatewayHost, Labels, Namespace, PortNumber, ServiceName } from './names.ts'
import { named, section } from './section.ts'
import { Jwt } from './tokens.ts'
import { words } from './words.ts'

/** An entrance to the mesh. */
export const GatewaySpec = section({
  namespace: Namespace.meta({
    description: 'The namespace of the gateway',
    examples: ['istio-ingress'],
    'x-names': 'namespace',
  }),
  hosts: z
    .array(GatewayHost)
    .min(1)
    .meta({
      description:
        'The hosts that the gateway serves; `*.example.com` stands for every host below `example.com`, and `*` for every host',
      examples: [['api.example.com'], ['*.example.com']],
    }),
  certificate: section({
    issuer: ServiceName.meta({
      description: 'The cert-manager issuer that signs the certificate',
      examples: ['letsencrypt-prod'],
    }),
    issuerKind: words({
      ClusterIssuer: 'An issuer for every namespace',
      Issuer: 'An issuer in the namespace of the proxies',
    }).meta({ description: 'The kind of that issuer', examples: ['ClusterIssuer'] }),
    duration: Duration.meta({ description: 'How long a certificate is valid', examples: ['2160h'] }),
    renewBefore: Duration.meta({
      description: 'How long before its expiry a certificate is renewed',
      examples: ['720h'],
    }),
    secret: ServiceName.meta({
      description: 'An existing TLS secret in the namespace of the proxies, instead of an issuer',
      examples: ['api-tls'],
    }),
  }).meta({
    description:
      'Where the certificate comes from. Without one, the gateway has no HTTPS listener, and `http` must be `serve`',
    examples: [{ issuer: 'letsencrypt-prod' }],
  }),
  http: words({
    redirect: 'Redirects to HTTPS',
    off: 'Does not listen',
    serve: 'Serves plain text',
  }).meta({
    description: 'What the port for plain HTTP does: redirect to HTTPS, nothing, or serve plain text',
    examples: ['redirect'],
  }),
  ports: section({
    http: PortNumber.meta({ description: 'The port for plain HTTP (default: 80)', examples: [8080] }),
    https: PortNumber.meta({ description: 'The port for HTTPS (default: 443)', examples: [8443] }),
  }).meta({
    description:
      'The numbers of the listeners: ports of the Service in front of the proxies, or else of the pods',
    examples: [{ http: 8080 }],
  }),
  tls: z
    .union([
      z.literal(1.2).meta({ description: 'TLS 1.2 and 1.3' }),
      z.literal(1.3).meta({ description: 'TLS 1.3 only' }),
      z.literal('1.2').meta({ description: 'TLS 1.2 and 1.3' }),
      z.literal('1.3').meta({ description: 'TLS 1.3 only' }),
    ])
    .meta({ description: 'The lowest TLS version', examples: [1.2] }),
  jwt: Jwt.meta({
    description:
      'The tokens that the gateway accepts: it refuses others, and routes can match the claims of a valid token. It requires none',
    examples: [{ issuers: ['corp'] }],
  }),
  deny: z
    .array(GatewayDeny)
    .min(1)
    .max(500)
    .meta({
      description: 'Requests that the gateway refuses',
      examples: [[{ paths: ['/admin/*'], exceptClientAddresses: ['198.51.100.0/24'] }]],
    }),
  workload: section({
    labels: Labels.meta({
      description: 'The labels of the pods, which are the selector of the Gateway',
      examples: [{ istio: 'ingressgateway' }],
    }),
    serviceAccount: ServiceName.meta({
      description: 'The service account of the pods',
      examples: ['istio-ingressgateway-service-account'],
    }),
    namespace: Namespace.meta({
      description: 'The namespace of the pods (default: that of the gateway)',
      examples: ['istio-system'],
    }),
  }).meta({
    description:
      'Proxies that run already and have another owner. meshc then installs none; several gateways can have the same proxies',
    examples: [
      {
        labels: { istio: 'ingressgateway' },
        serviceAccount: 'istio-ingressgateway-service-account',
        namespace: 'istio-system',
      },
    ],
  }),
  replicas: Replicas.meta({ description: 'Replicas of the gateway', examples: [{ min: 2, max: 5 }] }),
  resources: Resources.meta({
    description: 'CPU and memory of the gateway',
    examples: [{ requests: { cpu: '100m', memory: '128Mi' } }],
  }),
  service: section({
    type: words({
      LoadBalancer: 'The cloud assigns an address',
      ClusterIP: 'Reachable only inside the cluster',
      NodePort: 'Reachable on a port of every node',
    }).meta({ description: 'The type of the Service', examples: ['LoadBalancer'] }),
    annotations: named(AnnotationKey, z.string().max(1024)).meta({
      description: 'Annotations of the Service, for the cloud',
      examples: [{ 'service.beta.kubernetes.io/aws-load-balancer-type': 'nlb' }],
    }),
  }).meta({ description: 'The Kubernetes Service in front', examples: [{ type: 'LoadBalancer' }] }),
  labels: Labels.meta({
    description: 'Additional labels of the gateway workload',
    examples: [{ team: 'platform' }],
  }),
}).meta({
  id: 'Gateway',
  description: 'An entrance to the mesh',
  examples: [{ hosts: ['api.example.com'], certificate: { issuer: 'letsencrypt-prod' } }],
})
