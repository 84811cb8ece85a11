import { Labels, Namespace } from './names.ts'
import { defineSection } from './section.ts'
import { defineWords } from './words.ts'

export const MtlsMode = defineWords({
  strict: 'Plain text is refused',
  permissive: 'Plain text is accepted, too',
}).meta({
  description: 'Whether plain text is refused (`strict`) or still accepted (`permissive`)',
  examples: ['strict'],
})

/** A namespace of the mesh. One that a service or gateway names exists without being listed here. */
export const NamespaceSpec = defineSection({
  mtls: MtlsMode.meta({
    description: 'Encryption in this namespace; overrides the setting of the mesh',
    examples: ['strict'],
  }),
  injection: defineWords({
    on: 'Every pod gets a sidecar',
    off: 'No pod gets a sidecar: its workloads speak plain text, prove no identity, and no policy applies to them',
  }).meta({ description: 'Whether pods of this namespace get a sidecar', examples: ['off'] }),
  revision: Namespace.meta({
    title: 'a revision name',
    description:
      'The control-plane revision that pods of this namespace join, or a tag of one; overrides `istio.revision`',
    'x-names': 'revision',
    examples: ['canary'],
  }),
  labels: Labels.meta({ description: 'Additional labels of the Namespace', examples: [{ team: 'shop' }] }),
}).meta({ id: 'Namespace', description: 'A namespace of the mesh', examples: [{ mtls: 'strict' }] })
