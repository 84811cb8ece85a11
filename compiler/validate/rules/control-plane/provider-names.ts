import { accessLogProvider } from '../../../mesh/access-log-provider.ts'
import { placeAtKey } from '../../../mesh/spec-place.ts'
import { defineRule } from '../../rule.ts'

/** The providers of a mesh share one list of names. Istio defines three of them; another provider with such a name replaces Istio's. */
export const providerNames = defineRule<{ authorizer: string; provider: string }>(
  {
    code: 'MESH3609',
    severity: 'error',
    summary: 'An authorizer has a name that no other provider of Istio has',
    reads: ['observability.tracing', 'observability.accessLog'],
    message: p => `\`${p.authorizer}\` is the name of ${p.provider}, which the authorizer would replace`,
    help: p => `choose another name, such as \`${p.authorizer}-authorizer\``,
  },
  function* ({ authorizers, observability }, report) {
    for (const { name, origin } of authorizers) {
      const provider =
        name.value === observability.tracing?.provider.value
          ? 'the collector of traces'
          : providers.get(name.value)
      if (provider !== undefined) yield report(placeAtKey(origin), { authorizer: name.value, provider })
    }
  },
)

const providers: ReadonlyMap<string, string> = new Map([
  ['prometheus', 'the provider of metrics'],
  ['envoy', 'the provider of access logs that Istio has'],
  ['stackdriver', 'a provider of telemetry that Istio has'],
  [accessLogProvider, 'the provider of the access log'],
])
