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
  }).meta({ description: 'The kind of the issuer', examples: ['ClusterIssuer'] }),
  duration: Duration.meta({ description: 'The validity period of the certificate', examples: ['2160h'] }),
  renewBefore: Duration.meta({
    description: 'The time before expiry at which cert-manager renews the certificate',
    examples: ['720h'],
  }),
  secret: ServiceName.meta({
    description: 'An existing TLS secret in the namespace of the proxies, in place of an issuer',
    examples: ['api-tls'],
  }),
}

const ClientCertificates = defineSection({
  ca: SecretName.meta({
    description:
      'The secret with the certificates of the CAs that sign client certificates (`ca.crt`), in the namespace of the proxies',
    examples: ['partners-ca'],
  }),
  required: z.boolean().meta({
    description: 'If `false`, the gateway also accepts clients without a certificate (default: `true`)',
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
        'Subject alternative names: a client certificate must have one of them (default: any name)',
      examples: [['partner.example.com']],
    }),
}).meta({
  id: 'ClientCertificates',
  description: 'The check of client certificates: mutual TLS between clients and the gateway',
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
      'If `true`, the gateway is an egress gateway: callers reach external systems that name it in `through` only by its proxies. It has no `hosts`',
    examples: [true],
  }),
  eastWest: z.boolean().meta({
    description:
      'If `true`, the gateway is an east-west gateway: clusters of other networks reach the services of this cluster through it. It has no `hosts`',
    examples: [true],
  }),
  hosts: z
    .array(GatewayHost)
    .min(1)
    .meta({
      description:
        'The hosts that the gateway serves. `*.example.com` matches every host below `example.com`, and `*` matches every host',
      examples: [['api.example.com'], ['*.example.com']],
    }),
  owners: defineNamed(GatewayHost, defineNamed(Path, TeamName)).meta({
    description:
      'The teams that own the paths of hosts: only a service whose `owner` is that team may be exposed on the path. If several paths match, the longest path decides',
    examples: [{ 'shop.example.com': { '/cart/*': 'team-cart', '/*': 'team-web' } }],
    'x-names': 'host',
  }),
  certificate: defineSection(certificateFields).meta({
    description:
      'The certificate of the hosts that no entry of `certificates` has. Without any certificate, the gateway has no HTTPS listener, and `http` must be `serve`',
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
        description: 'For these hosts: the CAs that sign client certificates',
        examples: [{ ca: 'partners-ca' }],
      }),
    }).meta({
      id: 'HostCertificate',
      description: 'A certificate for some hosts',
      examples: [{ hosts: ['shop.example.com'], issuer: 'letsencrypt-dns' }],
    }),
  ).meta({
    description: 'Further certificates, each for some of the hosts; `certificate` is for all other hosts',
    examples: [{ shop: { hosts: ['shop.example.com'], issuer: 'letsencrypt-dns' } }],
  }),
  clientCertificates: ClientCertificates.meta({
    description:
      'For the hosts of `certificate`: the CAs that sign client certificates. The gateway refuses a client without such a certificate, unless `required` is `false`',
    examples: [{ ca: 'partners-ca' }, { ca: 'partners-ca', required: false }],
  }),
  forwardClientCertificate: defineWords({
    replace:
      'The header holds the certificate of the client; the gateway removes a header that the client sends',
    append:
      'The gateway appends the certificate of the connection to the header that the proxy in front sends',
    keep: 'The gateway forwards the header that the proxy in front sends, unchanged',
    remove: 'The gateway removes the header',
  }).meta({
    description:
      'The header `x-forwarded-client-cert`, which shows client certificates to applications (default: `replace`)',
    examples: ['append'],
  }),
  trustedProxies: z
    .int()
    .min(1)
    .max(20)
    .meta({
      description:
        'The number of trusted proxies in front of the gateway that append to `x-forwarded-for`. The address of the client is the one that the first of these proxies saw',
      examples: [1],
    }),
  proxyProtocol: z.boolean().meta({
    description:
      'If `true`, the load balancer sends the address of the client by the PROXY protocol, and the gateway refuses connections without it',
    examples: [true],
  }),
  passthrough: z
    .array(ExternalHost)
    .min(1)
    .meta({
      description:
        'Hosts whose TLS connections the gateway forwards without termination, to a service that terminates TLS itself. The server name of the handshake (SNI) selects the service',
      examples: [['vault.example.com']],
    }),
  tcp: defineNamed(
    PortName,
    defineSection({
      port: PortNumber.meta({ description: 'The number of the listener', examples: [5432] }),
      target: PortNumber.meta({
        description: 'The port of the pods (default: the number of the listener)',
        examples: [15432],
      }),
    }).meta({ id: 'TcpListener', description: 'A port for TCP connections', examples: [{ port: 5432 }] }),
  ).meta({
    description: 'Ports at which the gateway accepts TCP connections, each for one service',
    examples: [{ postgres: { port: 5432 } }],
  }),
  http: defineWords({
    redirect: 'The port redirects to HTTPS',
    off: 'The gateway has no port for plain HTTP',
    serve: 'The port serves plain HTTP',
  }).meta({
    description: 'The behavior of the port for plain HTTP: a redirect to HTTPS, no port, or plain HTTP',
    examples: ['redirect'],
  }),
  ports: defineSection({
    http: PortNumber.meta({ description: 'The port for plain HTTP (default: 80)', examples: [8080] }),
    https: PortNumber.meta({
      description: 'The port for HTTPS, or for the callers of an egress gateway (default: 443)',
      examples: [8443],
    }),
    passthrough: PortNumber.meta({
      description: 'The port for the hosts of `passthrough` (default: the port for HTTPS)',
      examples: [9443],
    }),
  }).meta({
    description:
      'The port numbers of the listeners: ports of the Service in front of the proxies, or of the pods if they have no Service',
    examples: [{ http: 8080 }],
  }),
  tls: z
    .union([
      z.literal(1.2).meta({ description: 'TLS 1.2 and 1.3' }),
      z.literal(1.3).meta({ description: 'TLS 1.3 only' }),
      z.literal('1.2').meta({ description: 'TLS 1.2 and 1.3' }),
      z.literal('1.3').meta({ description: 'TLS 1.3 only' }),
    ])
    .meta({ description: 'The minimum TLS version', examples: [1.2] }),
  jwt: Jwt.meta({
    description:
      'The tokens that the gateway accepts. It denies requests with other tokens, and allows requests without a token. Routes can match the claims of a valid token',
    examples: [{ issuers: ['corp'] }],
  }),
  deny: z
    .array(GatewayDeny)
    .min(1)
    .max(500)
    .meta({
      description: 'Requests that the gateway denies',
      examples: [[{ paths: ['/admin/*'], exceptClientAddresses: ['198.51.100.0/24'] }]],
    }),
  authorize: GatewayAuthorize.meta({
    description: 'The authorizer that decides about requests of clients outside the mesh',
    examples: [{ by: 'oauth', requests: [{ exceptPaths: ['/oauth2/*'] }] }],
  }),
  rateLimit: RateLimit.meta({
    description:
      'The rate limit of each proxy, or of all proxies together with `limiter`. A request above the limit gets status 429',
    examples: ['1000/s', { requests: '1000/s', perHeader: { 'x-api-key': '10/s' } }],
  }),
  workload: defineSection({
    labels: Labels.meta({
      description: 'The labels of the pods: the selector of the Gateway',
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
      'Existing proxies of another owner, in place of proxies that meshc installs. Several gateways can have the same proxies',
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
    preferred: 'The scheduler spreads pods evenly over zones if it can',
    required: 'The scheduler does not place a pod that would make the zones uneven',
  }).meta({ description: 'The spread of pods over the zones of the cluster', examples: ['preferred'] }),
  disruptions: defineSection({
    maxUnavailable: Count.max(100).meta({
      description: 'The number of pods that drains of nodes may evict at the same time (default: 1)',
      examples: [1],
    }),
    minAvailable: Count.max(100).meta({
      description:
        'The number of pods that must stay available during drains of nodes, in place of `maxUnavailable`',
      examples: [2],
    }),
  }).meta({
    description: 'The PodDisruptionBudget, which limits drains of nodes',
    examples: [{ minAvailable: 2 }],
  }),
  resources: Resources.meta({
    description: 'CPU and memory of the gateway',
    examples: [{ requests: { cpu: '100m', memory: '128Mi' } }],
  }),
  service: defineSection({
    type: defineWords({
      LoadBalancer: 'The cloud assigns an address',
      ClusterIP: 'The Service is reachable only inside the cluster',
      NodePort: 'The Service is reachable on a port of every node',
    }).meta({ description: 'The type of the Service', examples: ['LoadBalancer'] }),
    internal: defineWords({
      aws: 'A private load balancer of AWS',
      gcp: 'A private load balancer of Google Cloud',
      azure: 'A private load balancer of Azure',
    }).meta({
      description:
        'The cloud whose load balancer gets a private address, for a gateway that only the private network can reach',
      examples: ['aws'],
    }),
    externalTrafficPolicy: defineWords({
      cluster: 'All nodes accept connections, and the gateway does not see the address of the client',
      local:
        'Only nodes with a pod of the gateway accept connections, and the gateway sees the address of the client',
    }).meta({
      description: 'The nodes that accept connections from the load balancer (default: `cluster`)',
      examples: ['local'],
    }),
    sourceRanges: z
      .array(AddressRange)
      .min(1)
      .max(100)
      .meta({
        description: 'The client addresses that the load balancer allows (default: all addresses)',
        examples: [['198.51.100.0/24']],
      }),
    annotations: defineNamed(AnnotationKey, z.string().max(1024)).meta({
      description: 'Annotations of the Service, for the cloud provider',
      examples: [{ 'service.beta.kubernetes.io/aws-load-balancer-type': 'nlb' }],
    }),
  }).meta({
    description: 'The Kubernetes Service in front of the proxies',
    examples: [{ type: 'LoadBalancer' }],
  }),
  labels: Labels.meta({
    description: 'Additional labels of the gateway workload',
    examples: [{ team: 'platform' }],
  }),
  values: z.record(z.string(), z.unknown()).meta({
    description:
      'Values of the chart `gateway` that no field of the spec sets; meshc merges them into the values that it writes',
    examples: [{ tolerations: [{ key: 'edge', operator: 'Exists' }] }],
  }),
}).meta({
  id: 'Gateway',
  description: 'A gateway: ingress, egress or east-west',
  examples: [{ hosts: ['api.example.com'], certificate: { issuer: 'letsencrypt-prod' } }],
})
