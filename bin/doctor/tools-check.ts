import { type Check, doubtful, type Examined, good, type Installation, unseen } from './check.ts'
import { askTool, jsonOfTool } from './tool.ts'

/** Whether the tools that are here suit the Istio of the specs. */
export const toolsCheck: Check = {
  name: 'tools',
  examine: installation => [
    ...istioctl(installation),
    other('kubectl', ['version', '--client', '-o', 'json'], installation, value =>
      textAt(value, 'clientVersion', 'gitVersion'),
    ),
    other('helm', ['version', '--template', '{"version":"{{.Version}}"}'], installation, value =>
      textAt(value, 'version'),
    ),
  ],
}

function istioctl({ project: { root }, result }: Installation): readonly Examined[] {
  const run = askTool('istioctl', ['version', '--remote=false', '-o', 'json'], root)
  if (run === undefined) return [unseen('istioctl is not installed: its version is not compared')]
  const version = textAt(jsonOfTool(run), 'clientVersion', 'version')
  if (version === undefined)
    return [
      doubtful(`istioctl does not tell its version: ${run.trouble}`, 'see what `istioctl version` says'),
    ]
  const others = result.compiled.filter(({ compilation }) => compilation.mesh.istio.version.value !== version)
  if (others.length === 0) return [good(`istioctl is ${version}, as the specs say`)]
  return others.map(({ environment, compilation }) =>
    doubtful(
      `istioctl is ${version}, \`${environment.name}\` is for ${compilation.mesh.istio.version.value}`,
      `use istioctl ${compilation.mesh.istio.version.value} for it, or change \`istio.version\``,
    ),
  )
}

function other(
  name: string,
  words: readonly string[],
  { project: { root } }: Installation,
  versionIn: (value: unknown) => string | undefined,
): Examined {
  const run = askTool(name, words, root)
  if (run === undefined) return unseen(`${name} is not installed`)
  const version = versionIn(jsonOfTool(run))
  return version === undefined
    ? doubtful(`${name} does not tell its version: ${run.trouble}`, `see what \`${name} version\` says`)
    : good(`${name} is ${version.replace(/^v/, '')}`)
}

/** A text within maps. */
export function textAt(value: unknown, ...keys: readonly string[]): string | undefined {
  let found = value
  for (const key of keys)
    found =
      typeof found === 'object' && found !== null
        ? (found as Readonly<Record<string, unknown>>)[key]
        : undefined
  return typeof found === 'string' ? found : undefined
}
