import { z } from 'zod'
import { Labels } from './names.ts'
import { section } from './section.ts'

export const MtlsMode = z.enum(['strict', 'permissive']).meta({
  description: 'Whether plain text is refused (`strict`) or still taken (`permissive`)',
  examples: ['strict'],
})

/** A namespace of the mesh. One that a service or gateway names exists without being listed here. */
export const NamespaceSpec = section({
  mtls: MtlsMode.meta({
    description: 'Encryption in this namespace, whatever the mesh says',
    examples: ['strict'],
  }),
  labels: Labels.meta({ description: 'More labels of the Namespace', examples: [{ team: 'shop' }] }),
}).meta({ id: 'Namespace', description: 'A namespace of the mesh', examples: [{ mtls: 'strict' }] })
