import { mkdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { dump, load } from 'js-yaml'
import type { Compilation } from '../../compiler/compilation.ts'
import { emitIstioOperator } from '../../compiler/emit/istio/istio-operator.ts'
import { unwrapTree } from '../../compiler/emit/plain-tree.ts'
import type { KubernetesObject } from './objects.ts'
import { istiodObject, synthesize } from './synthesize.ts'
import type { Certificate, ManifestSet } from './tools.ts'
import { writeObjects } from './write-objects.ts'

/** Writes `out/<env>/` of a compilation into a directory. */
export async function writeOutput(compilation: Compilation, directory: string): Promise<void> {
  for (const { path, text } of compilation.files()) {
    const file = join(directory, path)
    await mkdir(dirname(file), { recursive: true })
    await writeFile(file, text)
  }
}

/**
 * Writes the objects that a cluster would hold: the manifests and their companions. Writes the MeshConfig
 * beside the directory.
 *
 * @param companions the objects beside the manifests, or a certificate for synthesized objects
 */
export async function writeCluster(
  compilation: Compilation,
  directory: string,
  companions: readonly KubernetesObject[] | Certificate,
): Promise<ManifestSet> {
  const meshConfig = `${directory}.mesh-config`
  // A spec that does not install the control plane writes no IstioOperator: its mesh is assumed to be right
  // about MeshConfig.
  await writeFile(meshConfig, dump(getMeshConfig(dump(unwrapTree(emitIstioOperator(compilation.mesh).tree)))))
  for (const { path, text } of compilation.files()) {
    if (!path.startsWith('manifests/')) continue
    const file = join(directory, path)
    await mkdir(dirname(file), { recursive: true })
    await writeFile(file, text)
  }
  const { mesh } = compilation
  const objects =
    'privateKey' in companions ? [istiodObject(mesh), ...synthesize(mesh, companions)] : companions
  await writeObjects(directory, 'companions.yaml', objects)
  return { directory, meshConfig }
}

/** Reads the MeshConfig of an IstioOperator. */
export function getMeshConfig(text: string): unknown {
  // meshc writes this shape; without the field, `check` would report the file.
  return (load(text) as { readonly spec: { readonly meshConfig: unknown } }).spec.meshConfig
}
