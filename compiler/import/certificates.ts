import { readTexts } from '../behavior/read/values.ts'
import type { Claim, Field } from './claim.ts'
import type { ForeignMesh } from './foreign-mesh.ts'
import type { ForeignGateway } from './gateways.ts'
import { readMap, readObjectSpec } from './read-object-spec.ts'

/** Claims the Certificates of gateways: the issuer that signs each takes the place of the secret that it is in. */
export function claimCertificates(
  { others }: ForeignMesh,
  gateways: ReadonlyMap<string, ForeignGateway>,
): readonly Claim[] {
  return [...gateways.values()].flatMap(({ key, certificates, account }) => {
    const [namespace] = account.split('/')
    return certificates.flatMap(({ path, secret, hosts }): readonly Claim[] => {
      const certificate = others.find(
        object =>
          object.kind === 'Certificate' &&
          object.namespace === namespace &&
          readObjectSpec(object)['secretName'] === secret,
      )
      if (certificate === undefined) return []
      const { duration, renewBefore } = readObjectSpec(certificate)
      const names = readTexts(readObjectSpec(certificate), 'dnsNames')
      if (hosts.some(host => !names.includes(host))) return []
      const { name, kind } = readMap(readObjectSpec(certificate), 'issuerRef')
      const set = (field: string, value: unknown): Field => ({
        path: ['gateways', key, ...path, field],
        value,
      })
      const place = certificates.length === 1 && path.length === 1 ? ['gateways', key, 'hosts'] : undefined
      return [
        {
          objects: [certificate],
          isExact: true,
          fields: [
            // It has hosts, too, that a wildcard of the Gateway covers.
            ...(place === undefined
              ? []
              : [
                  { path: place, value: undefined },
                  { path: place, value: names },
                ]),
            set('secret', undefined),
            set('issuer', name),
            ...(kind === 'ClusterIssuer' ? [] : [set('issuerKind', kind)]),
            ...(duration === '2160h' ? [] : [set('duration', duration)]),
            ...(duration === '2160h' && renewBefore === '720h' ? [] : [set('renewBefore', renewBefore)]),
          ],
        },
      ]
    })
  })
}
