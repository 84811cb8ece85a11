import { manifestsProject } from '../../compiler/emit/argocd/names.ts'
import { makeObjectKey } from '../../compiler/emit/object-key.ts'
import { isMap } from '../../compiler/source/document.ts'
import {
  type Check,
  type Examined,
  type Installation,
  reportGood,
  reportUnseen,
  reportWrong,
} from './check.ts'
import { askTool, parseToolOutput } from './tool.ts'
import { findTextAt } from './tools-check.ts'

/** Checks that no other Application of Argo CD holds an object of an environment: two would overwrite each other. */
export const ownersCheck: Check = {
  name: 'owners',
  asksCluster: true,
  examine: ({ project: { root }, result: { compiled } }: Installation) =>
    compiled.flatMap(({ environment, compilation }): readonly Examined[] => {
      const objects = [...compilation.manifests('for-cluster')].filter(({ path }) =>
        path.startsWith('manifests/'),
      )
      const resources = listResources(objects)
      const run = askTool('kubectl', ['get', resources, '--all-namespaces', '--output', 'json'], root)
      if (run === undefined)
        return [reportUnseen('kubectl is not installed: the owners of objects in the cluster are not asked')]
      const value = parseToolOutput(run)
      if (!isMap(value) || !Array.isArray(value['items']))
        return [
          reportWrong(
            `kubectl cannot list the objects of the cluster: ${run.trouble}`,
            'is it the right context of kubectl?',
          ),
        ]
      const keys = new Set(objects.map(({ kind, object }) => getObjectKey(kind, object)))
      const prefix = `${manifestsProject(compilation.mesh).value}-`
      const held = value['items'].flatMap((item: unknown) => {
        const key = getObjectKey(findTextAt(item, 'kind') ?? '', item)
        const owner = getApplication(item)
        return owner === undefined || owner.startsWith(prefix) || !keys.has(key) ? [] : [{ key, owner, item }]
      })
      if (held.length === 0)
        return [reportGood(`no other Application holds an object of \`${environment.name}\``)]
      return held.map(({ key, owner, item }) =>
        reportWrong(
          `the Application \`${owner}\` holds \`${key}\` of \`${environment.name}\``,
          `take the object out of the manifests of that Application while it does not prune, and release it: \`${describeRelease(item)}\``,
        ),
      )
    }),
}

/** The kinds of some objects, as kubectl names them. */
const listResources = (objects: Iterable<{ readonly object: unknown }>): string =>
  [...new Set([...objects].map(({ object }) => getResource(object)))].join()

function getResource(object: unknown): string {
  const kind = findTextAt(object, 'kind') ?? ''
  const version = findTextAt(object, 'apiVersion') ?? ''
  const slash = version.indexOf('/')
  return slash === -1 ? kind : `${kind}.${version.slice(slash + 1)}.${version.slice(0, slash)}`
}

/** The command after which no Application of Argo CD holds an object. */
function describeRelease(object: unknown): string {
  const namespace = findTextAt(object, 'metadata', 'namespace')
  const isAnnotated = findTextAt(object, 'metadata', 'annotations', trackingAnnotation) !== undefined
  return [
    `kubectl ${isAnnotated ? 'annotate' : 'label'} ${getResource(object)} ${findTextAt(object, 'metadata', 'name')}`,
    ...(namespace === undefined ? [] : [`--namespace ${namespace}`]),
    `${isAnnotated ? trackingAnnotation : trackingLabel}-`,
  ].join(' ')
}

const getObjectKey = (kind: string, object: unknown): string =>
  makeObjectKey({
    kind,
    namespace: findTextAt(object, 'metadata', 'namespace'),
    name: findTextAt(object, 'metadata', 'name') ?? '',
  })

const trackingAnnotation = 'argocd.argoproj.io/tracking-id'
const trackingLabel = 'argocd.argoproj.io/instance'

/** The Application that tracks an object: by an annotation, or by the label of older Argo CDs. */
function getApplication(object: unknown): string | undefined {
  const tracking = findTextAt(object, 'metadata', 'annotations', trackingAnnotation)
  return tracking === undefined
    ? findTextAt(object, 'metadata', 'labels', trackingLabel)
    : tracking.slice(0, tracking.indexOf(':'))
}
