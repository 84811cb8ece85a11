import fc from 'fast-check'
import type { MeshFile } from '../../schema/spec/mesh.ts'
import { defined, maybe, methodSets, namespaceNames, patterns, pick, reasons, serviceNames } from './names.ts'
import { isHttp, type PortDraft } from './ports.ts'
import type { ServiceSpec } from './services.ts'
import { claims, type JwtSpec } from './tokens.ts'

type Deny = NonNullable<ServiceSpec['deny']>[number]
type GatewayDeny = NonNullable<NonNullable<NonNullable<MeshFile['gateways']>[string]>['deny']>[number]

const office = fc.constantFrom<string[]>(['198.51.100.0/24'], ['198.51.100.7', '192.0.2.0/25'])

/**
 * The drafts of denials. Each needs a path or a header that no other rule uses, so that every caller keeps
 * some requests.
 */
const denialDrafts = fc.record({
  by: fc.constantFrom('path', 'header', 'no token'),
  addresses: maybe(fc.constantFrom('clientAddresses', 'exceptClientAddresses', 'peerAddresses')),
  from: maybe(
    fc.record({
      kind: fc.constantFrom('service', 'namespace'),
      index: fc.nat({ max: Math.max(serviceNames.length, namespaceNames.length) }),
    }),
  ),
  methods: maybe(methodSets),
  headers: maybe(fc.dictionary(fc.constantFrom('x-tenant', 'x-team'), patterns, { minKeys: 1, maxKeys: 1 })),
  claims: maybe(claims),
  office,
  ports: fc.boolean(),
  because: maybe(reasons),
})
type DenialDraft = typeof denialDrafts extends fc.Arbitrary<infer Draft> ? Draft : never

export const denyDrafts = fc.array(denialDrafts, { minLength: 1, maxLength: 2 })

/** The part of a spec whose denials are generated. */
interface Owner {
  readonly ports: readonly PortDraft[]
  readonly jwt: JwtSpec | undefined
  readonly callers: readonly string[]
  readonly namespaces: readonly string[]
}

/** Returns the denials of a service; undefined for a service without ports. */
export function finishDeny(drafts: readonly DenialDraft[], owner: Owner): Deny[] | undefined {
  const { ports, callers, namespaces, jwt } = owner
  if (ports.length === 0) return undefined
  const http = ports.filter(({ protocol }) => isHttp(protocol))
  const denials = drafts.map((draft): Deny => {
    const conditions = http.length > 0 ? getRequests(draft, jwt) : defined({ because: draft.because })
    const isForRequests = http.length > 0
    const named = isForRequests ? http : ports
    const names = draft.from?.kind === 'service' ? callers : namespaces
    const name = draft.from && names.length > 0 ? pick(names, draft.from.index) : undefined
    // A service that sees only connections denies whole callers. No rule allows this caller.
    const stranger = 'external-caller/partner.example.com/ns/billing/sa/refused'
    const from =
      http.length === 0 ? stranger : name && (draft.from?.kind === 'service' ? name : `namespace/${name}`)
    return defined({
      from,
      ports: draft.ports ? named.map(({ name }) => name) : undefined,
      ...conditions,
    })
  })
  return distinct(denials)
}

/** Returns the denials of a gateway. */
export const finishGatewayDeny = (drafts: readonly DenialDraft[], jwt: JwtSpec | undefined): GatewayDeny[] =>
  distinct(drafts.map(draft => ({ ...getRequests(draft, jwt), ...getAddresses(draft) })))

const distinct = <T>(denials: readonly T[]): T[] =>
  denials.filter(
    (denial, index) =>
      denials.findIndex(candidate => JSON.stringify(candidate) === JSON.stringify(denial)) === index,
  )

const getAddresses = ({ addresses, office }: DenialDraft): GatewayDeny =>
  addresses === undefined ? {} : { [addresses]: office }

function getRequests(draft: DenialDraft, jwt: JwtSpec | undefined): Deny {
  const { methods, headers, because } = draft
  const by = draft.by === 'no token' && jwt === undefined ? 'path' : draft.by
  const common = {
    methods: methods && [...methods],
    claims: jwt === undefined || by === 'no token' ? undefined : draft.claims,
    because,
  }
  switch (by) {
    case 'path':
      return defined({ ...common, headers, paths: ['/denied/*'] })
    case 'header':
      return defined({ ...common, headers: { ...headers, 'x-denied': ['yes', 'y*'] } })
    case 'no token':
      return defined({ ...common, headers, paths: ['/denied', '/denied/*'], jwt: 'missing' as const })
  }
}
