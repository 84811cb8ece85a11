import { suite } from 'uvu'
import type { DiagnosticCode } from '../../compiler/diagnostics/diagnostic.ts'
import { plantedFault, soundSpec } from '../support/planted-fault.ts'

/** The rules for the settings of istiod and of the proxies. */
const test = suite('rules of the control plane')

const fault = (code: DiagnosticCode, what: string, spec: string, message: string) =>
  test(`${code}: ${what}`, () => plantedFault(code, spec, message))

const sound = (what: string, spec: string) => test(`nothing wrong: ${what}`, () => soundSpec(spec))

fault(
  'MESH3601',
  'istiod has fewer replicas at most than at least',
  `
istio: { controlPlane: { replicas: { min: «3», max: ‹1› } } }
`,
  'istiod has at least 3 replicas and at most 1',
)

fault(
  'MESH3602',
  'istiod reserves more CPU than it may have',
  `
istio: { controlPlane: { resources: { requests: { cpu: «4000m» }, limits: { cpu: ‹2000m› } } } }
`,
  'istiod reserves 4000m of CPU, but its limit is 2000m',
)

fault(
  'MESH3602',
  'a sidecar reserves more memory than it may have',
  `
istio: { proxy: { resources: { requests: { memory: «2Gi» }, limits: { memory: ‹1Gi› } } } }
`,
  'a sidecar reserves 2Gi of memory, but its limit is 1Gi',
)

sound(
  'a bound that is not said fits the one that is',
  `
istio:
  controlPlane: { replicas: { min: 9 }, resources: { requests: { cpu: 8000m } } }
  proxy: { resources: { limits: { memory: 64Mi } } }
`,
)

fault(
  'MESH3603',
  'a revision is called after another version',
  `
istio: { version: ‹1.31.4›, revision: «1-31-2» }
`,
  'the revision `1-31-2` runs Istio 1.31.4',
)

sound(
  'a revision is called after its version, or a part of it',
  `
istio: { version: 1.31.4, revision: 1-31 }
`,
)

sound(
  'a revision is called after what it is for',
  `
istio: { version: 1.31.4, revision: canary-2 }
`,
)

fault(
  'MESH3604',
  'anyone looks at a strict mesh',
  `
mtls: ‹strict›
observability:
  prometheus: { url: "http://prometheus.monitoring:9090" }
  kiali: { login: «anonymous» }
`,
  'anyone may use Kiali without a login, though mTLS is strict here',
)

fault(
  'MESH3604',
  'a patch lets anyone look at a mesh that is strict by default',
  `
observability:
  prometheus: { url: "http://prometheus.monitoring:9090" }
  kiali: {}
patches:
  - { kind: Kiali, namespace: istio-system, name: kiali, spec: { auth: { strategy: «anonymous» } } }
`,
  'anyone may use Kiali without a login, though mTLS is strict here',
)

fault(
  'MESH3604',
  'a Kiali that passes through lets anyone look',
  `
raw:
  - apiVersion: kiali.io/v1alpha1
    kind: Kiali
    metadata: { name: kiali, namespace: istio-system }
    spec: { auth: { strategy: «anonymous» } }
`,
  'anyone may use Kiali without a login, though mTLS is strict here',
)

sound(
  'anyone looks at a mesh where laptops take part',
  `
mtls: permissive
observability:
  prometheus: { url: "http://prometheus.monitoring:9090" }
  kiali: { login: anonymous }
`,
)

fault(
  'MESH3605',
  'metrics are scraped every five minutes',
  `
observability: { prometheus: { interval: «5m» } }
`,
  'an interval of `5m` gives the alerts too few samples in five minutes',
)

sound(
  'metrics are scraped every two minutes',
  `
observability: { prometheus: { interval: 2m } }
`,
)

test.run()
