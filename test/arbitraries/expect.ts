import type { MeshFile } from '../../schema/spec/mesh.ts'
import { defined } from './names.ts'
import type { ServiceSpec } from './services.ts'
import type { JwtSpec } from './tokens.ts'
import { areTwins } from './twins.ts'

type Expectation = NonNullable<MeshFile['expect']>[number]
type Allow = NonNullable<ServiceSpec['allow']>[number]

/**
 * Returns the expectations that these services and external systems meet: each allowed caller is expected, and no other caller. There
 * is no such limit for an external system if egress is open, or if sidecars know everything.
 *
 * @param isPart true if the spec manages a part of the mesh
 */
export function expectations(
  services: NonNullable<MeshFile['services']>,
  external: NonNullable<MeshFile['external']>,
  { access, sidecarScope, egress, issuers }: Pick<MeshFile, 'access' | 'sidecarScope' | 'egress' | 'issuers'>,
  isPart: boolean,
): Expectation[] {
  const expected: Expectation[] = []
  const unsaid: readonly Allow[] = access === 'open' ? [{ from: 'anyone' }] : []
  const hasScopes = access !== 'open' && sidecarScope !== 'all'
  const targets: (readonly [string, readonly Allow[]])[] = [
    ...Object.entries(services).map(
      ([name, spec]) => [name, spec?.allow ?? ((spec?.port ?? spec?.ports) ? unsaid : [])] as const,
    ),
    ...Object.entries(external).map(([name, spec]) => [`external/${name}`, spec?.allow ?? unsaid] as const),
  ]
  for (const [to, allow] of targets) {
    const callers = allow.map(({ from }) => from)
    const isOpen = (egress === 'allow-any' || !hasScopes) && to.startsWith('external/')
    if (callers.length > 0 && !callers.includes('anyone') && !isOpen)
      expected.push({ only: callers.toReversed(), to, because: 'nobody else was meant' })
    const isGroup = callers.some(caller => caller === 'anyone' || caller.startsWith('namespace/'))
    const otherName = Object.keys(services).find(
      name => name !== to && !callers.some(caller => areTwins(caller, name)),
    )
    if (!isGroup && otherName !== undefined && !isOpen) expected.push({ never: [otherName], to })
    // The claim `scope` contains a list, whose entries meshc does not know.
    const isEntered = services[to] === undefined || services[to]?.expose != null
    const first = allow.find(
      ({ claims, from }) =>
        claims?.['scope'] === undefined &&
        // A gateway reaches an unexposed service only by the routes of another service.
        (isEntered || !from.startsWith('gateway/')),
    )
    // Callers outside of a managed part do not see its external systems.
    const isSeen = !(isPart && to.startsWith('external/') && first?.from === 'anyone')
    if (first !== undefined && isSeen)
      expected.push({ from: first.from, to, ...getRequest(first), headers: { 'x-drawn': 'on*' } })
    const accepted = services[to]?.jwt
    if (accepted == null || allow.length === 0) continue
    if (allow.every(requiresToken)) expected.push({ never: ['anyone'], to, jwt: 'missing' })
    if (first !== undefined && requiresToken(first))
      expected.push({ from: first.from, to, ...getRequest(first), ...getToken(first, accepted) })
    const strangers = Object.keys(issuers ?? {}).filter(name => accepted.issuers?.includes(name) !== true)
    if (strangers.length > 0) expected.push({ never: ['anyone'], to, issuers: strangers })
  }
  return expected
}

const requiresToken = ({ jwt, issuers, claims }: Allow): boolean =>
  jwt != null || issuers != null || claims != null

/** Returns a token that an allow rule requires, or a token that the service accepts. */
const getToken = ({ issuers, claims }: Allow, accepted: JwtSpec): Pick<Expectation, 'issuers' | 'claims'> =>
  defined({ issuers: issuers ?? accepted.issuers?.slice(0, 1), claims })

/** Returns a request that an allow rule allows, with as few fields as the rule requires. */
function getRequest({ methods, paths }: Allow): Pick<Expectation, 'method' | 'path'> {
  const [method] = methods ?? []
  const [path] = paths ?? []
  return {
    ...(method !== undefined && { method }),
    ...(path !== undefined && { path: path.replace('*', 'orders') }),
  }
}
