import { Labels, Namespace } from './names.ts'
import { defineSection } from './section.ts'
import { defineWords } from './words.ts'

export const MtlsMode = defineWords({
  strict: 'Services refuse plain text',
  permissive: 'Services also accept plain text',
}).meta({
  description: 'The mTLS mode: `strict` refuses plain text, and `permissive` also accepts it',
  examples: ['strict'],
})

/** A namespace of the mesh. One that a service or gateway names exists without being listed here. */
export const NamespaceSpec = defineSection({
  mtls: MtlsMode.meta({
    description: 'The mTLS mode of this namespace; overrides `mtls` of the mesh',
    examples: ['strict'],
  }),
  injection: defineWords({
    on: 'Every pod gets a sidecar',
    off: 'No pod gets a sidecar: workloads of the namespace speak plain text, prove no identity, and no policy applies to them',
  }).meta({ description: 'The sidecar injection in this namespace', examples: ['off'] }),
  revision: Namespace.meta({
    title: 'a revision name',
    description:
      'The control-plane revision that pods of this namespace join, or a tag of a revision; overrides `istio.revision`',
    'x-names': 'revision',
    examples: ['canary'],
  }),
  labels: Labels.meta({ description: 'Additional labels of the Namespace', examples: [{ team: 'shop' }] }),
}).meta({ id: 'Namespace', description: 'A namespace of the mesh', examples: [{ mtls: 'strict' }] })
