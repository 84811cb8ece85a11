import { defineDiagnostic } from '../diagnostics/diagnostic.ts'

export const surroundingsEmpty = defineDiagnostic<{ folder: string }>({
  code: 'MESH2025',
  severity: 'error',
  summary: 'A folder of the surroundings has a Kubernetes object',
  message: p => `no YAML file below \`${p.folder}\` has a Kubernetes object`,
  help: () => 'name a folder from the root of the repository, such as `clusters/prod`',
})

export const surroundingsUnreadable = defineDiagnostic<{ file: string; reason: string }>({
  code: 'MESH2026',
  severity: 'error',
  summary: 'Every YAML file of the surroundings can be read',
  message: p => `\`${p.file}\` cannot be read: ${p.reason}`,
  help: () => 'correct the file, or name a narrower folder under `surroundings`',
})

/** Every diagnostic of reading the surroundings, in the order of their codes. */
export const surroundingsDiagnostics = [surroundingsEmpty, surroundingsUnreadable]
