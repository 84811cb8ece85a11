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
import { readText } from './tools-check.ts'

/** The charts that install Istio, as Helm lists them with their version. */
const charts = /^(base|istiod|gateway|cni|ztunnel)-(\d+\.\d+\.\d+\S*)$/

/** Checks that the cluster of the current context runs the Istio of its spec. */
export const clusterCheck: Check = {
  name: 'cluster',
  asksCluster: true,
  examine: installation => [...controlPlane(installation), ...releases(installation)],
}

function controlPlane({ project: { root }, result }: Installation): readonly Examined[] {
  const run = askTool('istioctl', ['version', '-o', 'json'], root)
  if (run === undefined) return [reportUnseen('istioctl is not installed: the control plane is not asked')]
  const value = parseToolOutput(run)
  const planes =
    typeof value === 'object' && value !== null && 'meshVersion' in value ? value.meshVersion : undefined
  const versions = Array.isArray(planes)
    ? planes.flatMap(plane => readText(plane, 'Info', 'version') ?? [])
    : []
  if (versions.length === 0)
    return [
      reportWrong(
        `no control plane answers: ${run.trouble || 'none is installed'}`,
        'is it the right context of kubectl?',
      ),
    ]
  return compared('istiod', versions, result)
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
    const [, chart, version] = charts.exec(readText(release, 'chart') ?? '') ?? []
    return chart === undefined
      ? []
      : compared(`the chart ${chart} (${readText(release, 'name')})`, [version!], result)
  })
}

function compared(
  name: string,
  versions: readonly string[],
  { compiled }: Installation['result'],
): readonly Examined[] {
  return compiled.flatMap(({ environment, compilation }) => {
    const expected = compilation.mesh.istio.version.value
    return [...new Set(versions)].map(version =>
      version === expected
        ? reportGood(`${name} is ${version}, as \`${environment.name}\` says`)
        : reportDoubtful(
            `${name} is ${version}, \`${environment.name}\` is for ${expected}`,
            'install that version, or change `istio.version`',
          ),
    )
  })
}
