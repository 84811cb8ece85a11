import { findShapeFaults, type KindsOfGroup, readKnownGroups, type ShapeFault } from '../../../schema/crds.ts'
import type { SpecPath } from '../../diagnostics/diagnostic.ts'
import { findNearest, findOnlyNear, list, suggestName } from '../../diagnostics/suggest.ts'
import type { RawObject } from '../../mesh/mesh.ts'
import { keyPlace, placeAt } from '../places.ts'
import { defineRule } from '../rule.ts'

/** As the API server sees it with the CRDs of Istio, Argo CD, cert-manager, the Prometheus operator and Kiali. */
export const rawShapes = defineRule<{ what: string; help: string | undefined }>(
  {
    code: 'MESH4010',
    severity: 'error',
    summary: 'A raw object is of a kind that there is, and has the shape of its kind',
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
        yield report(fault.isKey ? keyPlace(place) : placeAt(place), {
          what: `${getName(raw, fault.path)} ${fault.fault}`,
          help: helpFor(raw, fault),
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

/** What is wrong with the kind and the version of a raw object, as far as its API group is known. */
function kindFault({ apiVersion, kind }: RawObject): KindFault | undefined {
  const [group = '', version] = apiVersion.split('/')
  if (version === undefined) return undefined
  const help = filesOfTools.get(group)
  if (help !== undefined)
    return { field: 'kind', what: `a tool reads the ${kind}: no cluster has such an object`, help }
  const groups = readKnownGroups()
  const kindsOfGroup = groups.get(group)
  if (kindsOfGroup === undefined) return groupFault(groups, group, version)
  const versions = Object.keys(kindsOfGroup[kind] ?? {})
  if (versions.includes(version)) return undefined
  if (versions.length > 0) {
    const names = versions.map(name => `${group}/${name}`)
    const what = `a ${kind} of \`${group}\` has no version \`${version}\``
    return { field: 'apiVersion', what, help: `write ${list(names, 'or')}` }
  }
  const kinds = Object.keys(kindsOfGroup)
  if (sharedGroups.includes(group) && findNearest(kind, kinds) === undefined) return undefined
  const [home, { [kind]: served = {} } = {}] =
    [...groups].find(([, kindsOfGroup]) => Object.hasOwn(kindsOfGroup, kind)) ?? []
  return {
    field: 'kind',
    what: `\`${group}\` has no kind \`${kind}\``,
    help:
      home === undefined ? suggestName(kind, kinds) : `a ${kind} is of \`${home}/${Object.keys(served)[0]}\``,
  }
}

/** Of a group that is not known: whether it must be one that is. */
function groupFault(groups: ReadonlyMap<string, KindsOfGroup>, group: string, version: string) {
  const names = [...groups.keys()]
  const meant = group.endsWith('.istio.io') ? findNearest(group, names) : findOnlyNear(group, names)
  if (meant === undefined && !group.endsWith('.istio.io')) return undefined
  const ofIstio = names.filter(name => name.endsWith('.istio.io'))
  const help = meant === undefined ? `Istio has ${list(ofIstio)}` : `did you mean \`${meant}/${version}\`?`
  return { field: 'apiVersion', what: `there is no API group \`${group}\``, help } as const
}

/** `spec.http[0].match` of the VirtualService `x`. */
function getName({ kind, name }: RawObject, path: SpecPath): string {
  const text = path.map(key => (typeof key === 'number' ? `[${key}]` : `.${key}`)).join('')
  return text === '' ? `the ${kind} \`${name}\`` : `\`${text.slice(1)}\` of the ${kind} \`${name}\``
}

/** Whether a field that is not there is one that is misspelt: one mistake is told once. */
const isMisspeltBy = ({ missing, path }: ShapeFault, { misspelt, ...misspelling }: ShapeFault) =>
  missing !== undefined &&
  misspelt !== undefined &&
  JSON.stringify(misspelling.path) === JSON.stringify([...path, misspelt.word]) &&
  findNearest(misspelt.word, [missing]) !== undefined

function helpFor({ kind }: RawObject, { path, isKey, misspelt, help }: ShapeFault): string {
  if (help !== undefined) return help
  const near = misspelt && suggestName(misspelt.word, misspelt.words)
  if (near !== undefined) return near
  const parent = misspelt !== undefined && isKey ? path.slice(0, -1) : path
  const fields = parent.filter(key => typeof key === 'string')
  return `\`kubectl explain ${[kind, ...fields].join('.')}\` says what there may be`
}
