import type { PageData, PageMesh } from '../../../compiler/map/page-data.ts'
import { type CallPart, makeMap, type NodePart } from './make-map.ts'

/** Makes a large mesh: services in namespaces of 20, each with four callers, three of them near. `isOpen`: a mesh without policies. */
export function makeLargeData(count: number, isOpen = false): PageData {
  const random = makeRandom(20_261_130)
  const namespaces = Math.ceil(count / 20)
  const getNamespace = (number: number) => `ns-${String(Math.floor(number / 20)).padStart(3, '0')}`
  const services = Array.from({ length: count }, (_, number): NodePart => {
    const name = `service-${number}`
    const namespace = getNamespace(number)
    return {
      kind: 'service',
      namespace,
      name,
      versions: [{ workload: `${namespace}/${name}`, hasSidecar: true, shares: [] }],
      owner: `team-${number % 17}`,
    }
  })
  const idOf = (number: number) => `service ${getNamespace(number)}/service-${number}`
  const calls = services.map((_, number): CallPart => {
    if (isOpen) return { from: services.map((_, caller) => idOf(caller)), to: idOf(number), isOpen }
    const first = number - (number % 20)
    const near = Array.from({ length: 3 }, () => Math.min(count - 1, first + random(20)))
    // Namespaces call the namespaces beside them, and a few distant ones.
    const far = random(10) < 8 ? (number + 20 * (1 + random(2))) % count : random(count)
    const callers = new Set([...near, far].filter(caller => caller !== number))
    return {
      from: [...callers].map(idOf),
      to: idOf(number),
      label: `GET /api/${number}/*`,
      transports: random(20) === 0 ? ['plaintext'] : ['mtls'],
    }
  })
  const ends: readonly NodePart[] = [
    { kind: 'internet', name: 'Internet' },
    { kind: 'gateway', namespace: 'ns-000', name: 'public', hosts: ['*.example.com'] },
    { kind: 'external', name: 'api.example.org', hosts: ['api.example.org'] },
  ]
  const map = makeMap(
    [...ends, ...services],
    [
      { from: ['internet Internet'], to: 'gateway ns-000/public', transports: ['tls'] },
      { from: ['gateway ns-000/public'], to: idOf(0) },
      { from: [idOf(count - 1)], to: 'external api.example.org' },
      ...calls,
    ],
  )
  const mesh: PageMesh = {
    name: `${count} services in ${namespaces} namespaces`,
    isForeign: true,
    assumed: [],
    specNames: [],
    remoteWorkloads: [],
    instances: [],
    commandOptions: '--manifests live',
    facts: {},
    reasons: [],
    reasonLists: [],
    map,
    objects: services.map(({ name }, file) => ({
      value: { apiVersion: 'v1', kind: 'Service', metadata: { name } },
      file,
      lines: [1, 2, 3],
    })),
    files: services.map(({ name }) => `live/${name}.yaml`),
  }
  return { meshc: '0.1.0', environments: [{ mesh }] }
}

/** Draws whole numbers below a limit, the same ones in every run. */
function makeRandom(seed: number): (limit: number) => number {
  let state = seed
  return limit => {
    state = (state * 16_807) % 2_147_483_647
    return state % limit
  }
}
