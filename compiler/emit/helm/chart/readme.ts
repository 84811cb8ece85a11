import type { Mesh } from '../../../mesh/mesh.ts'
import type { ChartMetadata } from './chart-metadata.ts'
import { isSection, isWritten, type Section, type Setting } from './settings.ts'

/** The README of a chart: its installation and upgrade, and the output of helm-docs for Chart.yaml and values.yaml. */
export function printReadme(
  mesh: Mesh,
  { name, description, type, version, appVersion }: ChartMetadata,
  settings: Section,
): string {
  const namespace = mesh.home.value
  const badges = [
    badge('Version', version.value),
    badge('Type', type.value),
    badge('AppVersion', appVersion.value),
  ].join(' ')
  const rows = [...listSettingRows(settings, '')].toSorted((a, b) => (a.path < b.path ? -1 : 1))
  const table = rows.map(
    ({ path, type, value, description }) => `| ${path} | ${type} | ${value} | ${description} |\n`,
  )
  return `# ${name.value}

${badges}

${description.value}

## Install

Istio ${appVersion.value} must run first: this chart contains neither its control plane nor its gateways. Then run in this folder:

\`\`\`sh
helm upgrade ${name.value} . --install --namespace ${namespace}
\`\`\`

Every object has its own namespace. The namespace of the release has only Helm's record of the release. Running pods get a sidecar when they restart.

## Upgrade

The first command shows the change. Helm forgets the values of an installed release, so give them to both commands again.

\`\`\`sh
helm template ${name.value} . --namespace ${namespace} | kubectl diff --server-side --filename -
helm upgrade ${name.value} . --install --namespace ${namespace}
\`\`\`

\`helm rollback ${name.value} --namespace ${namespace}\` restores the previous release. \`helm uninstall\` keeps the namespaces of the mesh and the workloads in them. Install with
\`kubernetes.namespace=false\` where another owner creates the namespaces.

## Kinds that the mesh needs

A value can omit each kind. Do not omit these:

- \`istio.authorizationPolicy: false\` **denies nothing any more**: ${mesh.access.value === 'open' ? 'the chart omits all rules of allowed calls' : 'the chart omits the denial by default and all rules of allowed calls'}. Every caller that reaches a service may call it, without a token.
- \`istio.peerAuthentication: false\` lets workloads accept plain text, unless another object in the cluster refuses it.
- \`istio.requestAuthentication: false\` checks no token: a rule that requires a token then denies every request.
${mesh.sidecarScope.value === 'all' ? '' : '- `istio.sidecar: false` gives every proxy the configuration of the whole cluster, and lets it know hosts that its service may not call.\n'}
## Values

| Key | Type | Default | Description |
|-----|------|---------|-------------|
${table.join('')}`
}

const badge = (label: string, text: string) =>
  `![${label}: ${text}](https://img.shields.io/badge/${label}-${text.replaceAll('-', '--')}-informational?style=flat-square)`

interface Row {
  readonly path: string
  readonly type: string
  readonly value: string
  readonly description: string
}

function* listSettingRows({ entries }: Section, prefix: string): Iterable<Row> {
  for (const [key, entry] of Object.entries(entries)) {
    const path = `${prefix}${key}`
    if (!isWritten(entry)) continue
    if (!isSection(entry)) yield settingRow(path, entry)
    else if (Object.values(entry.entries).some(isWritten)) yield* listSettingRows(entry, `${path}.`)
    else yield { path, type: 'object', value: '`{}`', description: entry.comment ?? '' }
  }
}

function settingRow(path: string, { value: sourced, description }: Setting): Row {
  // The table has rows only for settings that the spec sets.
  const value = sourced!.value
  return {
    path,
    type: docsTypes[typeof value as keyof typeof docsTypes],
    value: `\`${JSON.stringify(value)}\``,
    description,
  }
}

/** The types of values, in the words of helm-docs. */
const docsTypes = { boolean: 'bool', string: 'string', number: 'int' }
