import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { loadAll } from 'js-yaml'
import type { Cluster } from '../oracle/cluster.ts'
import type { KubernetesObject } from '../oracle/objects.ts'

/** Reads every object in the YAML files below a folder. */
export async function builtObjects(directory: string): Promise<readonly KubernetesObject[]> {
  const names = await readdir(directory, { recursive: true })
  const files = names.filter(name => name.endsWith('.yaml')).sort()
  const texts = await Promise.all(files.map(name => readFile(join(directory, name), 'utf8')))
  // meshc writes no other files into the folders that this function reads.
  return texts.flatMap(text => loadAll(text)) as readonly KubernetesObject[]
}

/** Lists the objects of some kinds that meshc has made and the cluster holds. */
export async function liveObjects(
  { kubectlOrThrow }: Cluster,
  kinds: ReadonlySet<string>,
): Promise<readonly KubernetesObject[]> {
  const resources = [...kinds].join(',')
  const label = 'app.kubernetes.io/managed-by=meshc'
  const text = await kubectlOrThrow(['get', resources, '--all-namespaces', '--selector', label, '-o', 'json'])
  // The API server answers with a list of objects.
  return (JSON.parse(text) as { readonly items: readonly KubernetesObject[] }).items
}

export const getResource = ({ apiVersion, kind }: KubernetesObject): string => {
  const group = apiVersion.includes('/') ? `.${apiVersion.split('/')[0]}` : ''
  return `${kind}${group}`
}

export const getIdentity = ({ kind, metadata: { namespace, name } }: KubernetesObject): string =>
  namespace === undefined ? `${kind} ${name}` : `${kind} ${namespace}/${name}`
