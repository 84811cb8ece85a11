import { type CompileResult, compile } from '../../compiler/compile.ts'
import { splitClusterEntry } from '../../compiler/mesh/cluster-entry.ts'
import { listClusters, type Workspace } from '../../compiler/source/load.ts'

/** Texts of specs by their paths. A single text is spec/prod/mesh.yaml. */
type SpecTexts = string | Readonly<Record<string, string>>

/**
 * Compiles texts as if they were files. The default environment is the first mesh.yaml that no other file
 * extends. In an environment with clusters, the cluster with a file is compiled, or the first cluster.
 */
export function compileText(texts: SpecTexts, entry?: string, today?: string): CompileResult {
  const files = typeof texts === 'string' ? { 'spec/prod/mesh.yaml': texts } : texts
  return compile(chooseEntry(files, entry ?? getEntry(files)), getWorkspace(files), today)
}

/** Returns a workspace that holds only these texts. */
export function getWorkspace(files: Readonly<Record<string, string>>): Workspace {
  return {
    read: path => {
      const text = Object.hasOwn(files, path) ? files[path] : undefined
      return text === undefined ? { reason: 'there is no such file' } : { text }
    },
    list: folder =>
      Object.keys(files).filter(path => path.slice(0, Math.max(path.lastIndexOf('/'), 0)) === folder),
    listBelow: folder => Object.keys(files).filter(path => path.startsWith(`${folder}/`)),
  }
}

/** Returns the path of the top layer: the last mesh.yaml in alphabetical order that is not a base. */
function getEntry(files: Readonly<Record<string, string>>): string {
  const specs = Object.keys(files).filter(path => path.endsWith('mesh.yaml'))
  const isExtended = (path: string) =>
    Object.values(files).some(text =>
      new RegExp(`^extends: .*${path.split('/').at(-2)}/mesh.yaml`, 'm').test(text),
    )
  const bases = specs.filter(path => !specs.includes(splitClusterEntry(path)?.base ?? ''))
  const entry = bases.find(path => !isExtended(path)) ?? bases[0]
  if (entry === undefined) throw new Error('there is no mesh.yaml to compile')
  return entry
}

/**
 * Chooses the entry to compile. In an environment with clusters, it is the cluster with a file, or the first
 * cluster.
 */
function chooseEntry(files: Readonly<Record<string, string>>, entry: string): string {
  const [first] = listClusters(entry, getWorkspace(files)) ?? []
  if (first === undefined) return entry
  const written = Object.keys(files).find(path => splitClusterEntry(path)?.base === entry)
  return written ?? entry.replace(/mesh\.yaml$/, `${first}/mesh.yaml`)
}
