import { printCount } from '../../../diagnostics/counted.ts'
import type { Mesh } from '../../../mesh/mesh.ts'

/** Prints the notes that Helm shows when the chart is installed. */
export function printNotes({ name, environment, services, gateways, externals, istio }: Mesh): string {
  const parts = [
    printCount(services.length, 'service'),
    printCount(gateways.length, 'gateway'),
    printCount(externals.length, 'external system'),
  ].join(', ')
  return `The service mesh ${name.value} in ${environment.value}: ${parts}, for Istio ${istio.version.value}.
{{- if not .Values.istio.enabled }}

Nothing for Istio is installed: \`istio.enabled\` is false.
{{- else if not .Values.istio.authorizationPolicy }}

WARNING: no service denies a call any more, from any caller and without a token: \`istio.authorizationPolicy\` is false.
{{- end }}

See what Istio makes of it:

  istioctl analyze --all-namespaces

See what another share or timeout would change before it does:

  helm template {{ .Release.Name }} <this chart> --set 'services.<name>.timeout=5s'

A change that is to stay belongs into mesh.yaml, from which this chart is built.
`
}
