import { z } from 'zod'
import {
  ChartRepository,
  Cpu,
  Duration,
  Host,
  ImageHub,
  Memory,
  Namespace,
  RevisionName,
  RevisionTag,
  SecretName,
} from './names.ts'
import { defineNamed, defineSection } from './section.ts'
import { defineWord, defineWords } from './words.ts'

export const Replicas = defineSection({
  min: z
    .int()
    .min(1)
    .max(100)
    .meta({ description: 'The lowest number of replicas', examples: [2] }),
  max: z
    .int()
    .min(1)
    .max(100)
    .meta({ description: 'The highest number of replicas', examples: [5] }),
}).meta({
  id: 'Replicas',
  description: 'The range of replicas for the autoscaler',
  examples: [{ min: 2, max: 5 }],
})

const Quantities = defineSection({
  cpu: Cpu.meta({ description: 'CPU, in millicores', examples: ['500m'] }),
  memory: Memory.meta({ description: 'Memory', examples: ['512Mi'] }),
}).meta({ id: 'Quantities', description: 'CPU and memory', examples: [{ cpu: '500m', memory: '512Mi' }] })

export const Resources = defineSection({
  requests: Quantities.meta({
    description: 'The CPU and memory that the container reserves',
    examples: [{ cpu: '500m', memory: '512Mi' }],
  }),
  limits: Quantities.meta({
    description: 'The largest CPU and memory that the container may use',
    examples: [{ cpu: '2000m', memory: '2Gi' }],
  }),
}).meta({
  id: 'Resources',
  description: 'CPU and memory of a container',
  examples: [{ requests: { cpu: '500m', memory: '512Mi' } }],
})

const IstioVersion = z
  .string()
  .regex(/^1\.(3[1-9]|[4-9][0-9])\.[0-9]{1,2}$/)
  .meta({ title: 'a version of Istio from 1.31.0 on' })

/** A control plane beside others. */
const Revision = defineSection({
  version: IstioVersion.meta({
    description: 'The version of this control plane (default: `istio.version`)',
    examples: ['1.31.4'],
  }),
  tags: z
    .array(RevisionTag)
    .min(1)
    .max(20)
    .meta({
      description:
        'Revision tags: other names of this revision. A tag can move to another revision without a change of namespaces',
      examples: [['prod']],
    }),
}).meta({
  id: 'Revision',
  description: 'A control plane with a revision of its own',
  examples: [{ version: '1.31.4', tags: ['prod'] }],
})

/** The control plane and the proxies. */
export const Istio = defineSection({
  install: defineWords({
    charts: 'meshc writes the values of Istio’s charts and the Applications that install them',
    none: 'Another owner installs the control plane',
  }).meta({
    description: 'The installation of the control plane: by meshc (`charts`), or by another owner (`none`)',
    examples: ['none'],
  }),
  version: IstioVersion.meta({ description: 'The version of Istio to install', examples: ['1.31.4'] }),
  revision: Namespace.meta({
    title: 'a revision name',
    description:
      'The control-plane revision that namespaces join, or a tag of a revision (default: the default revision)',
    'x-names': 'revision',
    examples: ['1-31-4'],
  }),
  revisions: defineNamed(RevisionName, Revision).meta({
    description:
      'Control planes that run side by side, each with a revision of its own. Without it, the mesh has one control plane, with the revision `revision`',
    examples: [{ stable: { version: '1.31.2', tags: ['prod'] }, canary: { version: '1.31.4' } }],
  }),
  charts: ChartRepository.meta({
    description: 'The Helm repository with the charts of Istio, or `oci://` and a registry',
    examples: ['https://istio-release.storage.googleapis.com/charts'],
  }),
  hub: ImageHub.meta({
    description: 'The registry and path of all images of Istio (default: those of the charts)',
    examples: ['registry.example.com/istio'],
  }),
  pullSecrets: z
    .array(SecretName)
    .min(1)
    .meta({
      description:
        'Secrets with the credentials of the image registry, in each namespace that has pods of Istio or sidecars',
      examples: [['registry-credentials']],
    }),
  cni: defineWords({
    on: 'meshc installs the chart `cni`: a pod on each node redirects the traffic of the pods there',
    off: 'A privileged init container in each pod redirects the traffic of the pod',
  }).meta({
    description:
      'The redirection of pod traffic to sidecars: by the CNI plugin of Istio (`on`), or by an init container (`off`)',
    examples: ['on'],
  }),
  meshConfig: z.record(z.string(), z.unknown()).meta({
    description:
      'Fields of Istio’s MeshConfig that no field of the spec sets; meshc merges them into the MeshConfig that it writes',
    examples: [{ defaultConfig: { proxyMetadata: { ISTIO_META_DNS_CAPTURE: 'true' } } }],
  }),
  values: z.record(z.string(), z.unknown()).meta({
    description:
      'Values of the chart `istiod` that no field of the spec sets; meshc merges them into the values that it writes',
    examples: [{ podAnnotations: { 'example.com/team': 'platform' } }],
  }),
  namespace: Namespace.meta({
    description: 'The root namespace, where istiod runs',
    examples: ['istio-system'],
  }),
  trustDomain: z
    .union([defineWord('cluster.local', 'The default of Istio'), Host])
    .meta({ description: 'The trust domain, with which every identity begins', examples: ['cluster.local'] }),
  controlPlane: defineSection({
    replicas: Replicas.meta({ description: 'Replicas of istiod', examples: [{ min: 2, max: 5 }] }),
    resources: Resources.meta({
      description: 'CPU and memory of istiod',
      examples: [{ limits: { cpu: '2000m', memory: '2Gi' } }],
    }),
  }).meta({
    description: 'The replicas and resources of istiod',
    examples: [{ replicas: { min: 2, max: 5 } }],
  }),
  proxy: defineSection({
    resources: Resources.meta({
      description: 'CPU and memory of every sidecar',
      examples: [{ requests: { cpu: '100m', memory: '128Mi' } }],
    }),
    drain: Duration.meta({
      description:
        'The time that a sidecar still serves requests after the signal to stop (`terminationDrainDuration`)',
      examples: ['30s'],
    }),
    holdApplication: defineWords({
      on: 'The containers of a pod start after its sidecar is ready',
      off: 'All containers start together, so the first calls of an application can fail',
    }).meta({
      description: 'The start order of a pod: with `on`, the application waits until its sidecar is ready',
      examples: ['off'],
    }),
    native: defineWords({
      on: 'Every sidecar is a native sidecar of Kubernetes, which starts before and stops after the application',
      off: 'Every sidecar is an ordinary container beside the application',
    }).meta({
      description: 'Native sidecars of Kubernetes (default: Istio decides by the version of Kubernetes)',
      examples: ['on'],
    }),
    image: defineWords({
      default: 'The image with a shell',
      distroless: 'The image without a shell and other tools',
      debug: 'The image with debugging tools',
    }).meta({ description: 'The variant of the proxy image', examples: ['distroless'] }),
    concurrency: z
      .int()
      .min(0)
      .max(64)
      .meta({
        description: 'The number of worker threads of a proxy; `0` means one thread for each core',
        examples: [2],
      }),
  }).meta({ description: 'The settings of every sidecar', examples: [{ drain: '30s' }] }),
}).meta({ id: 'Istio', description: 'The control plane and the proxies', examples: [{ version: '1.31.4' }] })
