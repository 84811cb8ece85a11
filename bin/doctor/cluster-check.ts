import { istiodRelease } from '../../compiler/emit/argocd/names.ts'
import { findNewestVersion, findRevisionWord, followRevision } from '../../compiler/mesh/control-planes.ts'
import { listInstalledGateways } from '../../compiler/mesh/installed-gateways.ts'
import type { Mesh } from '../../compiler/mesh/mesh.ts'
import {
  type Check,
  type Examined,
  type Installation,
  reportDoubtful,
  reportGood,
  reportUnseen,
  reportWrong,
} from './check.ts'
import { askTool, parseToolOutput } from './tool.ts'
import { findTextAt } from './tools-check.ts'

/** The charts that install Istio, as Helm lists them with their version. */
const charts = /^(base|istiod|gateway|cni|ztunnel)-(\d+\.\d+\.\d+\S*)$/

/** Checks that the cluster of the current context runs the Istio of its spec. */
export const clusterCheck: Check = {
  name: 'cluster',
  asksCluster: true,
  examine: installation => [...checkControlPlane(installation), ...releases(installation)],
}

function checkControlPlane({ project: { root }, result }: Installation): readonly Examined[] {
  const run = askTool('istioctl', ['version', '-o', 'json'], root)
  if (run === undefined) return [reportUnseen('istioctl is not installed: the control plane is not asked')]
  const value = parseToolOutput(run)
  const planes =
    typeof value === 'object' && value !== null && 'meshVersion' in value ? value.meshVersion : undefined
  const versions = Array.isArray(planes)
    ? planes.flatMap(plane => {
        const version = findTextAt(plane, 'Info', 'version')
        return version === undefined ? [] : [{ version, revision: findTextAt(plane, 'Revision') }]
      })
    : []
  if (versions.length === 0)
    return [
      reportWrong(
        `no control plane answers: ${run.trouble || 'none is installed'}`,
        'is it the right context of kubectl?',
      ),
    ]
  return result.compiled.flatMap(({ environment, compilation: { mesh } }) =>
    listOnce(
      versions.map(({ version, revision = 'default' }) => {
        const hasSeveral = mesh.istio.controlPlanes.length > 1
        const plane = mesh.istio.controlPlanes.find(each => each.revision?.value === revision)
        const name = hasSeveral ? `istiod of the revision ${revision}` : 'istiod'
        const expected = hasSeveral ? plane?.version.value : mesh.istio.version.value
        return expected === undefined
          ? reportDoubtful(
              `${name} runs, and \`${environment.name}\` has no such revision`,
              'remove it, or add it to `istio.revisions`',
            )
          : checkVersion(name, version, environment.name, expected)
      }),
    ),
  )
}

function releases({ project: { root }, result }: Installation): readonly Examined[] {
  const run = askTool('helm', ['list', '--all-namespaces', '--output', 'json'], root)
  if (run === undefined)
    return [reportUnseen('helm is not installed: the charts of the cluster are not asked')]
  const value = parseToolOutput(run)
  if (!run.isGood || !Array.isArray(value))
    return [
      reportWrong(
        `helm cannot list the charts of the cluster: ${run.trouble}`,
        'is it the right context of kubectl?',
      ),
    ]
  return value.flatMap(release => {
    const [, chart, version] = charts.exec(findTextAt(release, 'chart') ?? '') ?? []
    if (chart === undefined) return []
    const name = findTextAt(release, 'name') ?? ''
    return result.compiled.map(({ environment, compilation: { mesh } }) =>
      checkVersion(
        `the chart ${chart} (${name})`,
        version!,
        environment.name,
        getChartVersion(mesh, chart, name),
      ),
    )
  })
}

/** The version of a chart, which is the version of its control plane. */
function getChartVersion(mesh: Mesh, chart: string, release: string): string {
  const { istio } = mesh
  if (chart === 'base') return findNewestVersion(istio).value
  const plane = istio.controlPlanes.find(each => istiodRelease(each).value === release)
  const gateway = listInstalledGateways(mesh).find(({ workload }) => workload.value === release)
  const word = gateway && findRevisionWord(mesh, gateway.namespace.value)
  return (plane ?? followRevision(istio, word) ?? istio).version.value
}

const checkVersion = (name: string, version: string, environment: string, expected: string): Examined =>
  version === expected
    ? reportGood(`${name} is ${version}, as \`${environment}\` says`)
    : reportDoubtful(
        `${name} is ${version}, \`${environment}\` is for ${expected}`,
        'install that version, or change `istio.version`',
      )

/** Lists each control plane once, also if it has several pods. */
const listOnce = (examined: readonly Examined[]): readonly Examined[] =>
  examined.filter((each, index) => examined.findIndex(({ what }) => what === each.what) === index)
