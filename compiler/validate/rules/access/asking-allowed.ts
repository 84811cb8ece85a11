import { nameCaller } from '../../../mesh/caller.ts'
import type { Authorize, Caller, Mesh, Service } from '../../../mesh/mesh.ts'
import { makeKeyParty, placeAt } from '../../../mesh/spec-place.ts'
import { findDenying } from '../../asked-service.ts'
import { defineRule } from '../../rule.ts'

/** A proxy calls the authorizer with its own identity: if the authorizer denies the proxy, the proxy refuses every checked request. */
export const askingAllowed = defineRule<{ asking: string; authorizer: string; service: string | undefined }>(
  {
    code: 'MESH3427',
    severity: 'error',
    summary: 'An authorizer in the mesh allows the callers that ask it',
    reads: ['authorizers', 'services.*.allow', 'services.*.port', 'services.*.ports'],
    message: p =>
      p.service === undefined
        ? `\`${p.asking}\` cannot ask \`${p.authorizer}\`: its namespace is in the mesh, but no service of the spec allows calls to it`
        : `\`${p.asking}\` asks \`${p.authorizer}\`, but its service \`${p.service}\` does not allow that`,
    help: p =>
      p.service === undefined
        ? `declare the service of \`${p.authorizer}\`, with \`allow: [{ from: ${p.asking} }]\``
        : `add \`- { from: ${p.asking} }\` to \`allow\` of \`${p.service}\`: requests would be refused without an answer`,
  },
  function* (mesh, report, { asking }) {
    for (const { caller, authorize } of listAsking(mesh, asking)) {
      const { authorizer, by } = authorize
      const params = { asking: nameCaller(caller), authorizer: by.value }
      const place = placeAt(by.place!)
      const related = makeKeyParty(authorizer.origin, 'the authorizer')
      const denying = findDenying(mesh, caller, authorizer)
      if (denying === 'undeclared') yield report(place, { ...params, service: undefined }, [related])
      else if (denying !== undefined) {
        const party = makeKeyParty(denying.origin, `its service is \`${denying.key}\``)
        yield report(place, { ...params, service: denying.key }, [related, party])
      }
    }
  },
)

/** Lists the services and gateways that ask, each with its authorizer. */
const listAsking = (
  { gateways }: Mesh,
  asking: readonly { readonly service: Service; readonly authorize: Authorize }[],
): readonly { readonly caller: Caller; readonly authorize: Authorize }[] => [
  ...asking.map(({ service, authorize }) => ({
    caller: { kind: 'service' as const, service, origin: service.origin },
    authorize,
  })),
  ...gateways.flatMap(gateway =>
    gateway.authorize === undefined
      ? []
      : [
          {
            caller: { kind: 'gateway' as const, gateway, origin: gateway.origin },
            authorize: gateway.authorize,
          },
        ],
  ),
]
