import { z } from 'zod'
import { Authorizer } from './authorizers.ts'
import { ClusterName, ClusterSpec } from './clusters.ts'
import { Defaults } from './defaults.ts'
import { Delivery } from './delivery.ts'
import { Expectation } from './expect.ts'
import { ExternalSpec } from './external.ts'
import { GatewaySpec } from './gateways.ts'
import { Istio } from './istio.ts'
import { Folder, Namespace, ServiceName } from './names.ts'
import { MtlsMode, NamespaceSpec } from './namespaces.ts'
import { Observability } from './observability.ts'
import { Patch, RawObject } from './patches.ts'
import { PolicySpec } from './policies.ts'
import { RateLimiter } from './rate-limiters.ts'
import { defineNamed, defineSection, type Merged } from './section.ts'
import { ServiceSpec } from './services.ts'
import type { Snippet } from './snippet.ts'
import { Suppression } from './suppress.ts'
import { Issuer } from './tokens.ts'
import { Waiver } from './waive.ts'
import { defineWord, defineWords } from './words.ts'

const file = z
  .string()
  .min(1)
  .max(1024)
  .regex(/^[^\0\n]+\.ya?ml$/)
  .meta({ title: 'a path of a YAML file', examples: ['../base/mesh.yaml'] })

const newGateway: Snippet = {
  label: 'gateway',
  description: 'An ingress gateway with a certificate of cert-manager',
  body: {
    '${1:public}': {
      hosts: '[${2:app.example.com}]',
      certificate: '{ issuer: ${3:letsencrypt-prod} }',
      http: 'redirect',
    },
  },
}

const newService: Snippet = {
  label: 'service',
  description:
    'A Kubernetes Service of the mesh. It denies every caller until `allow` names callers, unless `access` is `open`',
  body: { '${1:api}': { namespace: '${2:shop}', port: '{ http: ${3:8080} }' } },
}

const newExternal: Snippet = {
  label: 'external API',
  description: 'An HTTPS API outside the mesh: callers speak HTTP, and the mesh originates TLS',
  body: {
    '${1:stripe}': {
      hosts: '[${2:api.stripe.com}]',
      port: '{ https: 443 }',
      tls: 'originate',
      allow: [{ from: '${3:api}' }],
    },
  },
}

const newPolicies: readonly Snippet[] = [
  {
    label: 'policy about services',
    description: 'A rule of your own that every service must follow, in CEL',
    body: {
      '${1:owned}': {
        for: 'services',
        validations: [{ expression: '${2:has(object.owner)}', message: '${3:every service has an owner}' }],
      },
    },
  },
  {
    label: 'policy about callers',
    description: 'A rule of your own that every entry of `allow` must follow, in CEL',
    body: {
      '${1:closed}': {
        for: 'edges',
        validations: [
          {
            expression: '${2:object.from != "anyone" || object.namespace == "public"}',
            message: '${3:only services of `public` are open to anyone}',
          },
        ],
      },
    },
  },
]

const fileSnippets: readonly Snippet[] = [
  {
    label: 'a mesh in one file',
    description: 'The first lines of an environment that extends no other spec',
    body: { meshc: 'v1', mesh: '${1:shop}', environment: '${2:prod}' },
  },
  {
    label: 'an environment over a base',
    description: 'The first lines of an environment that extends a shared base',
    body: { meshc: 'v1', environment: '${1:prod}', extends: '${2:../base/mesh.yaml}' },
  },
]

/** Defines a list. Its example is that of its items. */
const defineList = <Item extends z.ZodType>(item: Item, description: string) =>
  z.array(item).meta({ description, examples: [item.meta()?.['examples']] })

/** One file of a spec; mesh.schema.json and the reference derive from it. What must be set is asked of the merged layers. */
export const MeshSpec = defineSection({
  meshc: z.literal('v1').meta({ description: 'The version of the spec language', examples: ['v1'] }),
  mesh: ServiceName.meta({ description: 'The name of the mesh', examples: ['shop'] }),
  environment: ServiceName.meta({ description: 'The name of the environment', examples: ['prod'] }),
  extends: file.meta({
    description: 'The spec that this one extends and overrides',
    examples: ['../base/mesh.yaml'],
  }),
  include: z
    .array(file)
    .min(1)
    .meta({
      description: 'Files with more `services`, `external` and `expect`',
      examples: [['services/*.yaml']],
    }),
  manages: z
    .union([
      defineWord('mesh', 'All namespaces, including those that no spec declares'),
      defineSection({
        namespaces: z
          .array(Namespace)
          .min(1)
          .meta({ description: 'The namespaces that this spec manages', examples: [['shop', 'web']] }),
      }),
    ])
    .meta({
      description:
        'The part of the mesh that this spec manages: the whole mesh, or some namespaces. meshc writes no object for the rest',
      examples: ['mesh', { namespaces: ['shop', 'web'] }],
    }),
  surroundings: z
    .array(Folder)
    .min(1)
    .max(100)
    .meta({
      description:
        'Folders of manifests that other owners write, as paths from the root of the repository. meshc reads them and never writes them',
      examples: [['clusters/prod']],
    }),
  clusters: defineNamed(ClusterName, ClusterSpec).meta({
    description:
      'The clusters of the environment; meshc builds each into a folder of its own. A file `<cluster>/mesh.yaml` beside this one overrides fields for that cluster',
    'x-names': 'cluster',
    examples: [{ eu1: { network: 'eu' }, us1: { network: 'us' } }],
  }),
  mtls: MtlsMode.meta({
    description: 'The mTLS mode of the mesh: `strict` refuses plain text, and `permissive` also accepts it',
    examples: ['strict'],
  }),
  egress: defineWords({
    'registry-only': 'Services reach only hosts under `external`, and only as their allowed callers',
    'allow-any': 'Services reach any host',
  }).meta({
    description:
      'The external hosts that services may reach: declared hosts only (`registry-only`), or any host (`allow-any`)',
    examples: ['registry-only'],
  }),
  access: defineWords({
    declared: 'A service allows only the callers under its `allow`, and denies all others',
    open: 'A service without `allow` allows every caller; a service with `allow` denies all other callers',
  }).meta({
    description:
      'The callers of a service or an external system without `allow`: none (`declared`), or all (`open`). An external system is visible only to its allowed callers',
    examples: ['declared'],
  }),
  sidecarScope: defineWords({
    declared: 'A sidecar knows only the hosts that the services of its pods may call',
    all: 'A sidecar knows every host of the mesh that is visible in its namespace. meshc writes no Sidecar, and `allow` of an external system holds for whole namespaces',
  }).meta({
    description: 'The hosts that a sidecar knows (default: `declared`, or `all` if `access` is `open`)',
    examples: ['declared'],
  }),
  faults: defineWords({
    allowed: 'Proxies inject the faults of the spec',
    forbidden: 'A fault in the spec is an error',
  }).meta({ description: 'The permission to inject faults in this environment', examples: ['forbidden'] }),
  istio: Istio.meta({ description: 'The control plane and the proxies', examples: [{ version: '1.31.4' }] }),
  observability: Observability.meta({
    description: 'Access log, traces, metrics',
    examples: [{ accessLog: 'json' }],
  }),
  delivery: Delivery.meta({
    description: 'The delivery of `out/` to the cluster (GitOps)',
    examples: [{ sync: 'manual' }],
  }),
  defaults: Defaults.meta({
    description: 'Settings of every service that does not override them',
    examples: [{ timeout: '30s' }],
  }),
  namespaces: defineNamed(Namespace, NamespaceSpec).meta({
    description: 'Namespaces with settings of their own',
    'x-names': 'namespace',
    examples: [{ bookinfo: { mtls: 'strict' } }],
  }),
  issuers: defineNamed(ServiceName, Issuer).meta({
    description: 'The issuers of tokens that services and gateways accept',
    'x-names': 'issuer',
    examples: [
      {
        corp: {
          issuer: 'https://login.example.com',
          jwks: 'https://login.example.com/.well-known/jwks.json',
        },
      },
    ],
  }),
  authorizers: defineNamed(ServiceName, Authorizer).meta({
    description: 'External authorization services; a service or a gateway names one of them in `authorize`',
    'x-names': 'authorizer',
    examples: [{ opa: { grpc: 'opa.opa-system:9191', timeout: '500ms' } }],
  }),
  rateLimiters: defineNamed(ServiceName, RateLimiter).meta({
    description:
      'Rate-limit services, which count the requests of all instances together; a `rateLimit` names one of them in `limiter`',
    'x-names': 'limiter',
    examples: [{ shared: { grpc: 'ratelimit.limits:8081', timeout: '50ms' } }],
  }),
  gateways: defineNamed(ServiceName, GatewaySpec).meta({
    description: 'The gateways of the mesh: ingress, egress and east-west',
    defaultSnippets: [newGateway],
    'x-names': 'gateway',
    examples: [{ public: { hosts: ['api.example.com'], certificate: { issuer: 'letsencrypt-prod' } } }],
  }),
  services: defineNamed(ServiceName, ServiceSpec).meta({
    description: 'The services of the mesh',
    defaultSnippets: [newService],
    'x-names': 'service',
    examples: [{ 'my-api': { namespace: 'my-api', port: { http: 8080 } } }],
  }),
  external: defineNamed(ServiceName, ExternalSpec).meta({
    description: 'Systems outside the mesh that its services call',
    defaultSnippets: [newExternal],
    'x-names': 'external',
    examples: [
      {
        stripe: {
          hosts: ['api.stripe.com'],
          port: { https: 443 },
          tls: 'originate',
          allow: [{ from: 'my-api' }],
        },
      },
    ],
  }),
  expect: z.array(Expectation).meta({
    description: 'The expectations that the mesh must meet',
    examples: [[{ only: ['my-api'], to: 'external/stripe' }]],
  }),
  policies: defineNamed(ServiceName, PolicySpec).meta({
    description: 'Rules of your own, in CEL; meshc checks them at every build',
    examples: [
      {
        owned: {
          for: 'services',
          validations: [{ expression: 'has(object.owner)', message: 'every service has an owner' }],
        },
      },
    ],
    defaultSnippets: newPolicies,
  }),
  patches: z.array(Patch).meta({
    description: 'Changes to objects that meshc emits, for settings that have no field in the spec',
    examples: [[{ kind: 'Sidecar', namespace: 'my-api', name: 'my-api', spec: {} }]],
  }),
  raw: defineList(RawObject, 'Objects that meshc emits unchanged'),
  suppress: defineList(Suppression, 'Known warnings that meshc accepts until a date'),
  waive: defineList(
    Waiver,
    'Changes of behavior that `meshc diff` accepts until a date, even if `--deny` names them. Merge an entry before the change that needs it',
  ),
}).meta({
  title: 'mesh.yaml',
  description: 'A service mesh, as its team declares it',
  defaultSnippets: fileSnippets,
})

/** A file as it may be written. */
export type MeshFile = z.input<typeof MeshSpec>
/** The spec after its layers are merged. */
export type MeshSpec = Merged<MeshFile>
