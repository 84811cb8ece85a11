import type { Diagnostic, SpecPath } from '../diagnostics/diagnostic.ts'
import { misplacedClusters, sharedByClusters } from './diagnostics.ts'
import { isMap, type SpecDocument } from './document.ts'
import { isEqual } from './is-equal.ts'
import type { Loaded } from './load.ts'

/** The fields that every cluster of an environment shares; `*` is any name. */
const sharedFields: readonly SpecPath[] = [['mesh'], ['environment']]

/**
 * The additional fields that clusters of one mesh share. Requests from every cluster reach the instances in all clusters. Instances
 * with different callers or protocols would answer the same request differently.
 */
const sharedInMesh: readonly SpecPath[] = [
  ['access'],
  ['mtls'],
  ['manages'],
  ['issuers'],
  ['authorizers'],
  ['istio', 'trustDomain'],
  ['istio', 'namespace'],
  ['namespaces', '*', 'mtls'],
  ['namespaces', '*', 'injection'],
  ...[
    'name',
    'namespace',
    'workload',
    'headless',
    'port',
    'ports',
    'clusters',
    'allow',
    'deny',
    'jwt',
    'authorize',
  ].map((field): SpecPath => ['services', '*', field]),
]

/** The kinds of objects that decide access. A list of patches or raw objects replaces that of a lower layer. */
const guardKinds = ['AuthorizationPolicy', 'PeerAuthentication', 'RequestAuthentication']

/**
 * Checks the files of an environment with clusters: `clusters` is in its mesh.yaml, and the file of a cluster sets no shared field.
 *
 * @param entry the mesh.yaml of the environment or of one of its clusters
 */
export function* checkClusterFiles({ layers, base, cluster }: Loaded, entry: string): Iterable<Diagnostic> {
  for (const { document, included } of layers)
    for (const { value, source } of [document, ...included])
      if (isMap(value) && value['clusters'] != null && source.name !== base)
        yield misplacedClusters({ path: ['clusters'], part: 'key', file: source.name }, {})
  if (cluster === undefined) return
  const isOneMesh = layers.some(({ document }) => hasNetwork(document))
  for (const { document, included } of layers)
    for (const file of [document, ...included])
      if (file.source.name.startsWith(entry.slice(0, -'mesh.yaml'.length)))
        for (const path of [...sharedFields, ...(isOneMesh ? sharedInMesh : [])].flatMap(field =>
          findPaths(file.value, field),
        ))
          yield sharedByClusters(
            { path, part: 'key', file: file.source.name },
            { field: path.join('.'), base },
          )
  const highest = layers.at(-1)?.document
  if (!isOneMesh || highest?.source.name !== entry) return
  for (const section of ['patches', 'raw']) {
    const listed = getSectionEntries(highest, section)
    if (listed === undefined) continue
    const below = layers.slice(0, -1).map(({ document }) => getSectionEntries(document, section))
    const shared = below.findLast(entries => entries !== undefined) ?? []
    for (const kind of guardKinds) {
      const isOfKind = (entry: unknown) => isMap(entry) && entry['kind'] === kind
      if (!isEqual(listed.filter(isOfKind), shared.filter(isOfKind)))
        yield sharedByClusters({ path: [section], part: 'key', file: entry }, { field: section, kind, base })
    }
  }
}

function getSectionEntries({ value }: SpecDocument, section: string): readonly unknown[] | undefined {
  const entries = isMap(value) ? value[section] : undefined
  return Array.isArray(entries) ? entries : undefined
}

const hasNetwork = ({ value }: SpecDocument): boolean => {
  const clusters = isMap(value) ? value['clusters'] : undefined
  return (
    isMap(clusters) && Object.values(clusters).some(cluster => isMap(cluster) && cluster['network'] != null)
  )
}

/** Finds the paths in a value that match a path with `*`. */
function findPaths(value: unknown, [key, ...rest]: SpecPath): readonly SpecPath[] {
  if (key === undefined) return [[]]
  if (!isMap(value)) return []
  const keys = key === '*' ? Object.keys(value) : Object.hasOwn(value, key) ? [key] : []
  return keys.flatMap(key => findPaths(value[key], rest).map(path => [key, ...path]))
}
