import { coversHost } from '../../../mesh/gateway-hosts.ts'
import type { Gateway } from '../../../mesh/mesh.ts'
import { placeAt, placeAtKey } from '../../../mesh/spec-place.ts'
import { findWrittenPlace, makeParty } from '../../places.ts'
import { findRepeated } from '../../repeated.ts'
import { defineRule } from '../../rule.ts'

/**
 * Istio merges the routes of a wildcard with those of a host that has a server of its own, in an order that the spec does not decide
 * (`buildGatewayHTTPRouteConfig`). Therefore both need one certificate.
 */
export const certificateHosts = defineRule<{
  gateway: string
  host: string
  wide?: string
  kind: 'twice' | 'covered' | 'unused'
}>(
  {
    code: 'MESH3312',
    severity: 'error',
    summary: 'A host of a gateway has one certificate, which is that of each wildcard that covers it',
    message: p =>
      p.kind === 'unused'
        ? `\`certificate\` of the gateway \`${p.gateway}\` is for no host`
        : p.kind === 'twice'
          ? `\`${p.host}\` has two certificates at the gateway \`${p.gateway}\``
          : `\`${p.host}\` has another certificate than \`${p.wide}\`, which covers it`,
    help: p =>
      p.kind === 'unused'
        ? 'remove it: each host has one of `certificates`'
        : p.kind === 'twice'
          ? 'list the host under one of them'
          : 'list both under one of the `certificates`, or serve one of them at another gateway',
  },
  function* ({ gateways }, report) {
    for (const gateway of gateways) {
      const { certificates, hosts } = gateway
      if (hosts.length === 0) continue
      const name = gateway.name.value
      const [main] = certificates
      if (main !== undefined && main.key === undefined && main.hosts.length === 0)
        yield report(placeAtKey(main.origin), { gateway: name, host: '', kind: 'unused' })
      if (certificates.length < 2 && main?.key === undefined) continue
      const shown = certificates.flatMap(({ hosts, origin }) => hosts.map(host => ({ host, origin })))
      for (const [later, earlier] of findRepeated(shown, ({ host }) => host.value)) {
        // Another rule reports a repetition in one list.
        if (later.origin === earlier.origin) continue
        const params = { gateway: name, host: later.host.value, kind: 'twice' } as const
        yield report(placeAt(later.host.place!), params, makeParty(earlier.host, 'the other one'))
      }
      yield* listCovered(gateway).map(({ host, wide }) =>
        report(
          placeAt(findWrittenPlace(host)!),
          { gateway: name, host: host.value, wide: wide.value, kind: 'covered' },
          makeParty(wide, 'the wildcard'),
        ),
      )
    }
  },
)

/** Lists the hosts that a wildcard with another certificate, or without one, covers. */
function listCovered({ hosts, certificates }: Gateway) {
  const certificateByHost = new Map(
    certificates
      .toReversed()
      .flatMap(certificate => certificate.hosts.map(({ value }) => [value, certificate])),
  )
  const wildcards = hosts.filter(({ value }) => value.startsWith('*'))
  return hosts.flatMap(host => {
    const wide = wildcards.find(
      ({ value }) =>
        value !== host.value &&
        coversHost(value, host.value) &&
        certificateByHost.get(value) !== certificateByHost.get(host.value),
    )
    return wide === undefined ? [] : [{ host, wide }]
  })
}
