import type { OutputFile } from '../../compiler/emit/print.ts'
import { printMapFile } from '../questions/index.ts'
import type { Compiled } from './compile-environments.ts'

/** The path of the map in the folder of an environment. */
export const mapPath = 'docs/mesh.html'

/** Lists the files of an environment, and last the map, which needs the script that the package brings along. */
export function* listBuiltFiles(compiled: Compiled): Iterable<OutputFile> {
  yield* compiled.compilation.files()
  if (hasMap(compiled)) yield { path: mapPath, text: printMapFile(compiled) }
}

/** Makes one of these files; undefined for an unknown path. */
export function findBuiltFile(compiled: Compiled, path: string): OutputFile | undefined {
  if (path === mapPath && hasMap(compiled)) return { path, text: printMapFile(compiled) }
  return compiled.compilation.file(path)
}

const hasMap = ({ compilation }: Compiled) => compilation.mesh.delivery.outputs.map !== undefined
