import type { CompileResult } from './compile.ts'
import { decode } from './source/decode.ts'
import { load, type Workspace } from './source/load.ts'

/** Reads the specs of an environment together, without what it compiles to; undefined where one has not the shape of a spec. */
export function readSpec(
  entry: string,
  workspace: Workspace,
): Pick<CompileResult, 'layers' | 'sources'> | undefined {
  const loaded = load(entry, workspace)
  const { layers, spec } = decode(loaded, entry)
  return spec.ok ? { layers, sources: loaded.sources } : undefined
}
