import { Labels } from './names.ts'
import { section } from './section.ts'
import { words } from './words.ts'

export const MtlsMode = words({
  strict: 'Plain text is refused',
  permissive: 'Plain text is taken, too',
}).meta({
  description: 'Whether plain text is refused (`strict`) or still taken (`permissive`)',
  examples: ['strict'],
})

/** A namespace of the mesh. One that a service or gateway names exists without being listed here. */
export const NamespaceSpec = section({
  mtls: MtlsMode.meta({
    description: 'Encryption in this namespace, whatever the mesh says',
    examples: ['strict'],
  }),
  injection: words({
    on: 'Every pod gets a sidecar',
    off: 'No pod gets one: what runs there speaks plain text and is no service of the mesh',
  }).meta({ description: 'Whether pods of this namespace get a sidecar', examples: ['off'] }),
  labels: Labels.meta({ description: 'More labels of the Namespace', examples: [{ team: 'shop' }] }),
}).meta({ id: 'Namespace', description: 'A namespace of the mesh', examples: [{ mtls: 'strict' }] })
