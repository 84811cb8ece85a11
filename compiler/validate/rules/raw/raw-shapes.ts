import {
  findShapeFaults,
  type KindsOfGroup,
  kubernetesGroups,
  readKnownGroups,
} from '../../../../schema/crds.ts'
import type { ShapeFault } from '../../../../schema/shapes.ts'
import type { SpecPath } from '../../../diagnostics/diagnostic.ts'
import { findNearestName, findOnlyNear, listQuoted, suggestName } from '../../../diagnostics/suggest.ts'
import type { RawObject } from '../../../mesh/mesh.ts'
import { placeAt, placeAtKey } from '../../../mesh/spec-place.ts'
import { defineRule } from '../../rule.ts'

/**
 * A raw object has the shape that the API server sees with its own kinds and the CRDs of Istio, Argo CD, cert-manager, the
 * Prometheus operator and Kiali.
 */
export const rawShapes = defineRule<{ what: string; help: string | undefined }>(
  {
    code: 'MESH4010',
    severity: 'error',
    summary: 'A raw object has a known kind and conforms to its schema',
    covers: ['IST0106'],
    message: p => p.what,
    help: p => p.help,
  },
  function* (mesh, report) {
    for (const raw of mesh.raw) {
      const wrong = kindFault(raw)
      if (wrong !== undefined) {
        yield report(placeAt(raw.origin.at(wrong.field)), wrong)
        continue
      }
      const faults = [...findShapeFaults(raw.object)]
      for (const fault of faults) {
        if (faults.some(misspelling => isMisspeltBy(fault, misspelling))) continue
        const place = fault.path.reduce((node, key) => node.at(key), raw.origin)
        yield report(fault.isKey ? placeAtKey(place) : placeAt(place), {
          what: `${nameObjectPart(raw, fault.path)} ${fault.fault}`,
          help: adviseOnShape(raw, fault),
        })
      }
    }
  },
)

interface KindFault {
  readonly field: 'apiVersion' | 'kind'
  readonly what: string
  readonly help: string | undefined
}

/** Groups of files that tools read: no cluster has such an object. */
const filesOfTools: ReadonlyMap<string, string> = new Map([
  ['install.istio.io', 'meshc writes the one of the mesh; what it shall say goes under `istio`'],
  ['kustomize.config.k8s.io', 'meshc writes the one of `manifests/`'],
])

/** Groups in which other projects have kinds, too: only a kind that is like a known one is misspelt. */
const sharedGroups = ['argoproj.io', 'kiali.io']

/** Finds the fault of the kind and the version of a raw object, as far as its API group is known. */
function kindFault({ apiVersion, kind }: RawObject): KindFault | undefined {
  const [version = '', group = ''] = apiVersion.split('/').reverse()
  const help = filesOfTools.get(group)
  if (help !== undefined)
    return { field: 'kind', what: `a tool reads the ${kind}: no cluster has such an object`, help }
  const groups = readKnownGroups()
  const kindsOfGroup = groups.get(group)
  if (kindsOfGroup === undefined) return groupFault(groups, group, version, kind)
  if (isOfAnotherRelease(group, version, kind, kindsOfGroup)) return undefined
  const versions = kindsOfGroup[kind] ?? []
  if (versions.includes(version)) return undefined
  if (versions.length > 0) {
    const names = versions.map(name => versionOf(group, name))
    const what = `the kind ${kind}${group === '' ? '' : ` of \`${group}\``} has no version \`${version}\``
    return { field: 'apiVersion', what, help: `write ${listQuoted(names, 'or')}` }
  }
  const kinds = Object.keys(kindsOfGroup)
  if (sharedGroups.includes(group) && findNearestName(kind, kinds) === undefined) return undefined
  return {
    field: 'kind',
    what: `\`${group || version}\` has no kind \`${kind}\``,
    help: homeOf(groups, kind) ?? suggestName(kind, kinds),
  }
}

/** Tells whether another release of Kubernetes may accept a kind in a version that not every release has. `kubectl` splits a list. */
function isOfAnotherRelease(group: string, version: string, kind: string, kinds: KindsOfGroup): boolean {
  if (!Object.hasOwn(kubernetesGroups(), group)) return false
  if (kind.endsWith('List')) return true
  if (!/^v\d+(alpha|beta)\d+$/.test(version)) return false
  return Object.hasOwn(kinds, kind) || findNearestName(kind, Object.keys(kinds)) === undefined
}

/** `apps/v1`; for the core group only the version. */
const versionOf = (group: string, version: string) => (group === '' ? version : `${group}/${version}`)

/** Finds the home group of a kind. */
function homeOf(groups: ReadonlyMap<string, KindsOfGroup>, kind: string): string | undefined {
  const [home, { [kind]: versions = [] } = {}] =
    [...groups].find(([, kindsOfGroup]) => Object.hasOwn(kindsOfGroup, kind)) ?? []
  return home === undefined ? undefined : `${kind} is a kind of \`${versionOf(home, versions[0]!)}\``
}

/** Finds the fault of an unknown group: the name must be that of a known group. Only Kubernetes has groups without a dot. */
function groupFault(
  groups: ReadonlyMap<string, KindsOfGroup>,
  group: string,
  version: string,
  kind: string,
): KindFault | undefined {
  const names = [...groups.keys()]
  const closed = [isOfIstio, isShort].filter(isOne => isOne(group)).flatMap(isOne => names.filter(isOne))
  const meant = closed.length > 0 ? findNearestName(group, closed) : findOnlyNear(group, names)
  if (meant === undefined && closed.length === 0) return undefined
  const help =
    meant !== undefined
      ? `did you mean \`${meant}/${version}\`?`
      : (homeOf(groups, kind) ?? `${isOfIstio(group) ? 'Istio' : 'Kubernetes'} has ${listQuoted(closed)}`)
  return { field: 'apiVersion', what: `there is no API group \`${group}\``, help }
}

const isOfIstio = (group: string) => group.endsWith('.istio.io')
const isShort = (group: string) => group !== '' && !group.includes('.')

/** `spec.http[0].match` of the VirtualService `x`. */
function nameObjectPart({ kind, name }: RawObject, path: SpecPath): string {
  const text = path.map(key => (typeof key === 'number' ? `[${key}]` : `.${key}`)).join('')
  return text === '' ? `the ${kind} \`${name}\`` : `\`${text.slice(1)}\` of the ${kind} \`${name}\``
}

/** Tells whether a missing field is misspelt: one mistake gives one message. */
const isMisspeltBy = ({ missing, path }: ShapeFault, { misspelt, ...misspelling }: ShapeFault) =>
  missing !== undefined &&
  misspelt !== undefined &&
  JSON.stringify(misspelling.path) === JSON.stringify([...path, misspelt.word]) &&
  findNearestName(misspelt.word, [missing]) !== undefined

function adviseOnShape({ kind }: RawObject, { path, isKey, misspelt, help }: ShapeFault): string {
  if (help !== undefined) return help
  const near = misspelt && suggestName(misspelt.word, misspelt.words)
  if (near !== undefined) return near
  const parent = misspelt !== undefined && isKey ? path.slice(0, -1) : path
  const fields = parent.filter(key => typeof key === 'string')
  return `\`kubectl explain ${[kind, ...fields].join('.')}\` lists the fields`
}
