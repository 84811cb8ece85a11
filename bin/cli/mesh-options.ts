import type { Option } from './command.ts'

/** The options of commands that ask a mesh. */
export const meshOptions: readonly Option[] = [
  { flag: '--env <name>', values: 'environments', summary: 'The environment, a folder of spec/' },
  {
    flag: '--manifests <folder>',
    values: 'folders',
    isRepeatable: true,
    summary: 'Ask manifests instead, whoever wrote them: a folder, a file, or `-`; may be repeated',
  },
  {
    flag: '--mesh-config <file>',
    values: 'files',
    summary: 'The meshConfig of the manifests (default: that of an IstioOperator, the ConfigMap or values)',
  },
]
