import type { Check } from './check.ts'
import { clusterCheck } from './cluster-check.ts'
import { editorCheck } from './editor-check.ts'
import { outputCheck } from './output-check.ts'
import { ownersCheck } from './owners-check.ts'
import { repositoryCheck } from './repository-check.ts'
import { specsCheck } from './specs-check.ts'
import { toolsCheck } from './tools-check.ts'

/** All checks, in the order of their output. */
export const checks: readonly Check[] = [
  specsCheck,
  outputCheck,
  editorCheck,
  repositoryCheck,
  toolsCheck,
  clusterCheck,
  ownersCheck,
]
