import { z } from 'zod'
import { GatewayAuthorize } from './authorizers.ts'
import { GatewayDeny } from './deny.ts'
import { Replicas, Resources } from './istio.ts'
import {
  AddressRange,
  AnnotationKey,
  CertificateName,
  Count,
  Duration,
  ExternalHost,
  GatewayHost,
  Labels,
  Namespace,
  Path,
  PortName,
  PortNumber,
  SecretName,
  ServiceName,
  TeamName,
} from './names.ts'
import { RateLimit } from './rate-limits.ts'
import { defineNamed, defineSection } from './section.ts'
import { Jwt } from './tokens.ts'
import { defineWords } from './words.ts'

/** The fields of a certificate, whichever hosts it is for. */
const certificateFields = {
  issuer: ServiceName.meta({
    description: 'The cert-manager issuer that signs the certificate',
    examples: ['letsencrypt-prod'],
  }),
  issuerKind: defineWords({
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
}

const ClientCertificates = defineSection({
  ca: SecretName.meta({
    description:
      'The secret with the certificates of the authorities (`ca.crt`), in the namespace of the proxies',
    examples: ['partners-ca'],
  }),
  required: z.boolean().meta({
    description: 'False to let clients without a certificate in, too (default: true)',
    examples: [false],
  }),
  names: z
    .array(
      z
        .string()
        .min(1)
        .max(253)
        .regex(/^[!-~]+$/),
    )
    .min(1)
    .max(100)
    .meta({
      description:
        'The names of which a certificate of a client has one (subject alternative names); without it, any',
      examples: [['partner.example.com']],
    }),
}).meta({
  id: 'ClientCertificates',
  description: 'The certificates of clients: mutual TLS at the edge',
  examples: [{ ca: 'partners-ca' }],
})

/** An entrance to the mesh. */
export const GatewaySpec = defineSection({
  namespace: Namespace.meta({
    description:
      'The namespace of the gateway (default: `istio-ingress`, or `istio-egress` with `egress`, or `istio-eastwest` with `eastWest`)',
    examples: ['istio-ingress'],
    'x-names': 'namespace',
  }),
  egress: z.boolean().meta({
    description:
      'True for a way out of the mesh: external systems with `through` are reached by these proxies only. It has no hosts of its own',
    examples: [true],
  }),
  eastWest: z.boolean().meta({
    description:
      'True for the way between the networks of the clusters: clusters of other networks reach the services of this one through it. It has no hosts of its own',
    examples: [true],
  }),
  hosts: z
    .array(GatewayHost)
    .min(1)
    .meta({
      description:
        'The hosts that the gateway serves; `*.example.com` stands for every host below `example.com`, and `*` for every host',
      examples: [['api.example.com'], ['*.example.com']],
    }),
  owners: defineNamed(GatewayHost, defineNamed(Path, TeamName)).meta({
    description:
      'The teams that own the paths of hosts: only a service whose `owner` is that team is exposed there; of several paths that fit, the longest one decides',
    examples: [{ 'shop.example.com': { '/cart/*': 'team-cart', '/*': 'team-web' } }],
    'x-names': 'host',
  }),
  certificate: defineSection(certificateFields).meta({
    description:
      'Where the certificate comes from. Without one, the gateway has no HTTPS listener, and `http` must be `serve`',
    examples: [{ issuer: 'letsencrypt-prod' }],
  }),
  certificates: defineNamed(
    CertificateName,
    defineSection({
      hosts: z
        .array(GatewayHost.meta({ 'x-names': 'host' }))
        .min(1)
        .meta({
          description: 'The hosts of the gateway that this certificate is for',
          examples: [['shop.example.com']],
        }),
      ...certificateFields,
      clientCertificates: ClientCertificates.meta({
        description: 'For these hosts: the authorities that sign the certificates of clients',
        examples: [{ ca: 'partners-ca' }],
      }),
    }).meta({
      id: 'HostCertificate',
      description: 'A certificate of some hosts',
      examples: [{ hosts: ['shop.example.com'], issuer: 'letsencrypt-dns' }],
    }),
  ).meta({
    description: 'Further certificates, each for some of the hosts; `certificate` is that of all other hosts',
    examples: [{ shop: { hosts: ['shop.example.com'], issuer: 'letsencrypt-dns' } }],
  }),
  clientCertificates: ClientCertificates.meta({
    description:
      'The authorities that sign the certificates of clients, for the hosts of `certificate`. The gateway refuses a client without such a certificate',
    examples: [{ ca: 'partners-ca' }, { ca: 'partners-ca', required: false }],
  }),
  forwardClientCertificate: defineWords({
    replace: 'Applications see the certificate of the client, and nothing that the client claims',
    append: 'Applications see what the proxy in front told, and the certificate of its connection',
    keep: 'Applications see what the proxy in front told',
    remove: 'Applications see no certificate',
  }).meta({
    description:
      'What applications see of client certificates in the header `x-forwarded-client-cert` (default: `replace`)',
    examples: ['append'],
  }),
  trustedProxies: z
    .int()
    .min(1)
    .max(20)
    .meta({
      description:
        'The number of proxies in front that add to `x-forwarded-for`: the address of a client is the one that the first of them saw',
      examples: [1],
    }),
  proxyProtocol: z.boolean().meta({
    description:
      'True if the load balancer tells the address of the client with the PROXY protocol. The gateway then refuses connections without it',
    examples: [true],
  }),
  passthrough: z
    .array(ExternalHost)
    .min(1)
    .meta({
      description:
        'Hosts whose TLS connections the gateway passes on unopened, to a service that ends TLS itself: the server name of the handshake decides',
      examples: [['vault.example.com']],
    }),
  tcp: defineNamed(
    PortName,
    defineSection({
      port: PortNumber.meta({ description: 'The number of the listener', examples: [5432] }),
      target: PortNumber.meta({ description: 'The port of the pods, if it differs', examples: [15432] }),
    }).meta({ id: 'TcpListener', description: 'A port for connections', examples: [{ port: 5432 }] }),
  ).meta({
    description: 'Ports at which the gateway takes connections of TCP, each for one service',
    examples: [{ postgres: { port: 5432 } }],
  }),
  http: defineWords({
    redirect: 'Redirects to HTTPS',
    off: 'Does not listen',
    serve: 'Serves plain text',
  }).meta({
    description: 'What the port for plain HTTP does: redirect to HTTPS, nothing, or serve plain text',
    examples: ['redirect'],
  }),
  ports: defineSection({
    http: PortNumber.meta({ description: 'The port for plain HTTP (default: 80)', examples: [8080] }),
    https: PortNumber.meta({
      description: 'The port for HTTPS, or for the callers of an egress gateway (default: 443)',
      examples: [8443],
    }),
    passthrough: PortNumber.meta({
      description: 'The port for the hosts of `passthrough` (default: that for HTTPS)',
      examples: [9443],
    }),
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
  authorize: GatewayAuthorize.meta({
    description: 'The authorizer that is asked about requests of clients outside',
    examples: [{ by: 'oauth', requests: [{ exceptPaths: ['/oauth2/*'] }] }],
  }),
  rateLimit: RateLimit.meta({
    description: 'The requests that each of its proxies takes; it answers those beyond with 429',
    examples: ['1000/s', { requests: '1000/s', perHeader: { 'x-api-key': '10/s' } }],
  }),
  workload: defineSection({
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
  spread: defineWords({
    preferred: 'Pods are spread over zones where nodes have room',
    required: 'A pod that would leave the zones uneven waits',
  }).meta({ description: 'How pods are spread over the zones of the cluster', examples: ['preferred'] }),
  disruptions: defineSection({
    maxUnavailable: Count.max(100).meta({
      description: 'The pods that a drain of nodes may take at a time (default: 1)',
      examples: [1],
    }),
    minAvailable: Count.max(100).meta({
      description: 'The pods that a drain of nodes leaves, instead',
      examples: [2],
    }),
  }).meta({ description: 'The budget for drains of nodes', examples: [{ minAvailable: 2 }] }),
  resources: Resources.meta({
    description: 'CPU and memory of the gateway',
    examples: [{ requests: { cpu: '100m', memory: '128Mi' } }],
  }),
  service: defineSection({
    type: defineWords({
      LoadBalancer: 'The cloud assigns an address',
      ClusterIP: 'Reachable only inside the cluster',
      NodePort: 'Reachable on a port of every node',
    }).meta({ description: 'The type of the Service', examples: ['LoadBalancer'] }),
    internal: defineWords({
      aws: 'A private load balancer of AWS',
      gcp: 'A private load balancer of Google Cloud',
      azure: 'A private load balancer of Azure',
    }).meta({
      description:
        'The cloud whose load balancer gets a private address: an entrance for the own network only',
      examples: ['aws'],
    }),
    externalTrafficPolicy: defineWords({
      cluster: 'Any node takes a connection, which hides the address of the client from the gateway',
      local: 'Only nodes with a pod of the gateway take connections, which keeps the address of the client',
    }).meta({
      description: 'The nodes that take connections of the load balancer (default: `cluster`)',
      examples: ['local'],
    }),
    sourceRanges: z
      .array(AddressRange)
      .min(1)
      .max(100)
      .meta({
        description: 'The addresses that the load balancer lets in; without it, every one',
        examples: [['198.51.100.0/24']],
      }),
    annotations: defineNamed(AnnotationKey, z.string().max(1024)).meta({
      description: 'Annotations of the Service, for the cloud',
      examples: [{ 'service.beta.kubernetes.io/aws-load-balancer-type': 'nlb' }],
    }),
  }).meta({ description: 'The Kubernetes Service in front', examples: [{ type: 'LoadBalancer' }] }),
  labels: Labels.meta({
    description: 'Additional labels of the gateway workload',
    examples: [{ team: 'platform' }],
  }),
  values: z.record(z.string(), z.unknown()).meta({
    description:
      'Values of the chart `gateway` that no field of the spec sets, merged into those that meshc writes',
    examples: [{ tolerations: [{ key: 'edge', operator: 'Exists' }] }],
  }),
}).meta({
  id: 'Gateway',
  description: 'An entrance to the mesh',
  examples: [{ hosts: ['api.example.com'], certificate: { issuer: 'letsencrypt-prod' } }],
})
