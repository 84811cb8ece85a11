import {
  type Check,
  type Examined,
  type Installation,
  reportDoubtful,
  reportGood,
  reportUnseen,
} from './check.ts'
import { askTool, parseToolOutput } from './tool.ts'

/** Checks that the tools that are here suit the Istio of the specs. */
export const toolsCheck: Check = {
  name: 'tools',
  examine: installation => [
    ...istioctl(installation),
    compareVersion('kubectl', ['version', '--client', '-o', 'json'], installation, value =>
      findTextAt(value, 'clientVersion', 'gitVersion'),
    ),
    compareVersion('helm', ['version', '--template', '{"version":"{{.Version}}"}'], installation, value =>
      findTextAt(value, 'version'),
    ),
  ],
}

function istioctl({ project: { root }, result }: Installation): readonly Examined[] {
  const run = askTool('istioctl', ['version', '--remote=false', '-o', 'json'], root)
  if (run === undefined) return [reportUnseen('istioctl is not installed: its version is not compared')]
  const version = findTextAt(parseToolOutput(run), 'clientVersion', 'version')
  if (version === undefined)
    return [
      reportDoubtful(
        `istioctl does not tell its version: ${run.trouble}`,
        'see what `istioctl version` says',
      ),
    ]
  const compiled = result.compiled.filter(({ compilation }) =>
    compilation.mesh.istio.controlPlanes.every(plane => plane.version.value !== version),
  )
  if (compiled.length === 0) return [reportGood(`istioctl is ${version}, as the specs say`)]
  return compiled.map(({ environment, compilation }) =>
    reportDoubtful(
      `istioctl is ${version}, \`${environment.name}\` is for ${compilation.mesh.istio.version.value}`,
      `use istioctl ${compilation.mesh.istio.version.value} for it, or change \`istio.version\``,
    ),
  )
}

function compareVersion(
  name: string,
  words: readonly string[],
  { project: { root } }: Installation,
  versionIn: (value: unknown) => string | undefined,
): Examined {
  const run = askTool(name, words, root)
  if (run === undefined) return reportUnseen(`${name} is not installed`)
  const version = versionIn(parseToolOutput(run))
  return version === undefined
    ? reportDoubtful(`${name} does not tell its version: ${run.trouble}`, `see what \`${name} version\` says`)
    : reportGood(`${name} is ${version.replace(/^v/, '')}`)
}

/** A text within maps. */
export function findTextAt(value: unknown, ...keys: readonly string[]): string | undefined {
  let part = value
  for (const key of keys)
    part =
      typeof part === 'object' && part !== null ? (part as Readonly<Record<string, unknown>>)[key] : undefined
  return typeof part === 'string' ? part : undefined
}
