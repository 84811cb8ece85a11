import type { CompileResult } from './compile.ts'
import { decode } from './source/decode.ts'
import { load, type Workspace } from './source/load.ts'

/** Reads the specs of an environment without compiling them; undefined if one does not have the shape of a spec. */
export function readSpec(
  entry: string,
  workspace: Workspace,
): Pick<CompileResult, 'layers' | 'sources'> | undefined {
  const loaded = load(entry, workspace)
  const { layers, spec } = decode(loaded, entry)
  return spec.ok ? { layers, sources: loaded.sources } : undefined
}
