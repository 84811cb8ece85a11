import { isSubset } from '../behavior/is-subset.ts'
import type { Gateway, GatewayServer, Workload } from '../behavior/model.ts'
import { isEqual } from '../source/is-equal.ts'
import type { Claim, Field, Proposal, Unsaid } from './claim.ts'
import { type ForeignMesh, hasSidecars } from './foreign-mesh.ts'
import { Unsayable } from './matches.ts'
import { readMap, readMaps, readSpec, type Tree } from './read-spec.ts'

/** A gateway that the spec declares. */
export interface ForeignGateway {
  readonly key: string
  readonly hosts: readonly string[]
  /** The service account of its proxies: `namespace/account`. */
  readonly account: string
  /** The secret with its certificate; undefined: it has no HTTPS. */
  readonly secret: string | undefined
}

/** The claims about Gateways, and the gateways of the spec by `namespace/name`. */
interface GatewayProposal extends Proposal {
  readonly gateways: ReadonlyMap<string, ForeignGateway>
}

/** Claims the Gateways, whose proxies somebody else runs. */
export function claimGateways(mesh: ForeignMesh): GatewayProposal {
  const { model } = mesh
  const claims: Claim[] = []
  const unsaid: Unsaid[] = []
  const gateways = new Map<string, ForeignGateway>()
  const names = model.gateways.map(({ name }) => name)
  for (const gateway of model.gateways) {
    const { namespace, name } = gateway
    const key = names.filter(each => each === name).length > 1 ? `${name}-${namespace}` : name
    try {
      if (gateway.unmodelled.length > 0) throw new Unsayable('a part of it is beyond the model')
      if (!hasSidecars(mesh, namespace) && namespace !== model.settings.rootNamespace)
        throw new Unsayable('the pods of its namespace have no sidecars')
      const pod = findProxy(gateway, model.workloads)
      const { hosts, fields } = describeServers(gateway.servers, readMaps(readSpec(gateway), 'servers'))
      const set = (value: unknown, ...path: readonly string[]): Field => ({
        path: ['gateways', key, ...path],
        value,
      })
      claims.push({
        objects: [gateway],
        fields: [
          set(namespace, 'namespace'),
          set({ ...gateway.selector }, 'workload', 'labels'),
          set(pod.serviceAccount, 'workload', 'serviceAccount'),
          ...(pod.namespace === namespace ? [] : [set(pod.namespace, 'workload', 'namespace')]),
          set(hosts, 'hosts'),
          ...fields.map(([field, value]) => set(value, ...field)),
        ],
      })
      const [, secret] = fields.find(([[field]]) => field === 'certificate') ?? []
      gateways.set(`${namespace}/${name}`, {
        key,
        hosts,
        account: `${pod.namespace}/${pod.serviceAccount}`,
        secret: typeof secret === 'string' ? secret : undefined,
      })
    } catch (error) {
      if (!(error instanceof Unsayable)) throw error
      unsaid.push({ object: gateway, reason: error.message })
    }
  }
  return { claims, unsaid, ineffective: [], gateways }
}

function findProxy({ selector }: Gateway, workloads: readonly Workload[]): Workload {
  const pods = workloads.filter(({ proxy, labels }) => proxy === 'gateway' && isSubset(selector, labels))
  const [pod] = pods
  if (pod === undefined || Object.keys(selector).length === 0) throw new Unsayable('no workload is its proxy')
  if (pods.some(({ serviceAccount }) => serviceAccount !== pod.serviceAccount))
    throw new Unsayable('its proxies have several service accounts')
  return pod
}

/** Says the servers: one for plain HTTP at most, and one for HTTPS at most, with the same hosts. */
function describeServers(
  servers: readonly GatewayServer[],
  written: readonly Tree[],
): {
  readonly hosts: readonly string[]
  readonly fields: readonly (readonly [readonly string[], unknown])[]
} {
  const plain = servers.filter(({ port }) => port.protocol === 'HTTP' || port.protocol === 'HTTP2')
  const encrypted = servers.filter(({ port }) => port.protocol === 'HTTPS')
  if (plain.length + encrypted.length < servers.length) throw new Unsayable('a server of it is not for HTTP')
  if (plain.length > 1 || encrypted.length > 1) throw new Unsayable('it has several servers of one protocol')
  const lists = servers.map(({ hosts }) => hosts.map(({ host }) => host))
  const [hosts = []] = lists
  if (lists.some(list => !isEqual(list.toSorted(), hosts.toSorted())))
    throw new Unsayable('its servers have different hosts')
  if (servers.some(({ bind }) => bind !== '')) throw new Unsayable('a server of it listens on one address')
  const [http] = plain
  const [https] = encrypted
  return {
    hosts,
    fields: [
      ...(http === undefined
        ? [[['http'], 'off'] as const]
        : [
            [['http'], http.tls?.httpsRedirect === true ? 'redirect' : 'serve'] as const,
            ...(http.port.number === 80 ? [] : [[['ports', 'http'], http.port.number] as const]),
          ]),
      ...(https === undefined ? [] : describeEncryption(https, written[https.index]!)),
    ],
  }
}

function describeEncryption(
  { tls, port }: GatewayServer,
  written: Tree,
): readonly (readonly [readonly string[], unknown])[] {
  const { mode, credentialName, minProtocolVersion, ...others } = readMap(written, 'tls')
  if (tls?.mode !== 'SIMPLE') throw new Unsayable(`its TLS is ${tls?.mode ?? 'not set'}`)
  if (credentialName === undefined) throw new Unsayable('its certificate is a file')
  const [further] = Object.keys(others)
  if (further !== undefined) throw new Unsayable(`its TLS sets \`${further}\``)
  return [
    [['certificate', 'secret'], credentialName],
    ...(minProtocolVersion === 'TLSV1_3' ? [[['tls'], 1.3] as const] : []),
    ...(port.number === 443 ? [] : [[['ports', 'https'], port.number] as const]),
  ]
}
