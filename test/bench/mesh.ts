/** A service of the bench, with the values that the spec and the compared chart need. */
interface BenchService {
  readonly name: string
  readonly namespace: string
  readonly port: number
  readonly versions: readonly { readonly name: string; readonly weight: number }[]
  readonly timeout: string
  readonly retries: { readonly attempts: number; readonly perTryTimeout: string; readonly retryOn: string }
  readonly circuitBreaker: {
    readonly consecutiveErrors: number
    readonly interval: string
    readonly ejectFor: string
    readonly maxEjected: number
  }
  readonly connections: {
    readonly max: number
    readonly pending: number
    readonly requestsPerConnection: number
  }
  readonly callers: readonly Reference[]
  readonly callees: readonly Reference[]
  readonly methods: readonly string[]
}

interface Reference {
  readonly name: string
  readonly namespace: string
}

const namespaces = 40

/**
 * Makes `count` services, equal in every call: 40 namespaces, a canary for two in five, 1 to 4 callers each.
 */
export function benchServices(count: number): readonly BenchService[] {
  let seed = 1
  const random = () => {
    seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0
    return seed / 2 ** 32
  }
  const between = (low: number, high: number) => low + Math.floor(random() * (high - low + 1))
  const reference = (index: number): Reference => ({
    name: `svc-${padded(index, 5)}`,
    namespace: `team-${padded(index % namespaces, 2)}`,
  })
  const callersOf = Array.from({ length: count }, (_, index) => {
    const callers = new Set(Array.from({ length: between(1, 4) }, () => between(0, count - 1)))
    callers.delete(index)
    return [...callers].toSorted((a, b) => a - b)
  })
  const calleesOf: number[][] = Array.from({ length: count }, () => [])
  for (const [index, callers] of callersOf.entries())
    for (const caller of callers) calleesOf[caller]!.push(index)
  return Array.from({ length: count }, (_, index) => {
    const canary = random() < 0.4 ? between(1, 50) : undefined
    const attempts = between(1, 3)
    return {
      ...reference(index),
      port: between(80, 99) * 100,
      versions:
        canary === undefined
          ? []
          : [
              { name: 'canary', weight: canary },
              { name: 'stable', weight: 100 - canary },
            ],
      timeout: `${between(5, 30)}s`,
      retries: {
        attempts,
        perTryTimeout: `${between(1, 9) * 100}ms`,
        retryOn: 'connect-failure,refused-stream',
      },
      circuitBreaker: {
        consecutiveErrors: between(3, 9),
        interval: `${between(5, 30)}s`,
        ejectFor: `${between(15, 60)}s`,
        maxEjected: between(1, 5) * 10,
      },
      connections: {
        max: between(1, 20) * 100,
        pending: between(1, 20) * 64,
        requestsPerConnection: between(1, 100),
      },
      callers: callersOf[index]!.map(reference),
      callees: calleesOf[index]!.map(reference).toSorted((a, b) => (getHost(a) < getHost(b) ? -1 : 1)),
      methods: ['GET', 'POST'],
    }
  })
}

/** Returns the spec of such a mesh, in the style of a team. */
export const benchSpec = (services: readonly BenchService[]): string =>
  joinLines([...head, 'services:', ...services.flatMap(listServiceLines)])

/**
 * Returns the same mesh with rules: three versions, routes and tokens for each service, and ten expectations.
 */
export function richSpec(services: readonly BenchService[]): string {
  const called = services.filter(({ callers }) => callers.length > 0).slice(0, expectations / 2)
  return joinLines([
    ...head,
    'issuers:',
    '  corp: { issuer: https://login.example.com, jwks: https://login.example.com/keys, audiences: [bench] }',
    'services:',
    ...services.flatMap(listRichServiceLines),
    'expect:',
    ...called.flatMap(({ name, callers }, index) => [
      `  - { from: ${callers[0]!.name}, to: ${name}, method: GET, path: /api/orders }`,
      `  - { never: [${services.at(-1 - index)!.name}], to: ${name} }`,
    ]),
  ])
}

/**
 * Returns the files of the same mesh by their paths below the environment. Each team has a file with its
 * services.
 */
export function includedSpec(
  services: readonly BenchService[],
  count: number,
): Readonly<Record<string, string>> {
  const teams = Array.from({ length: count }, (_, team) => [
    `teams/${padded(team, 3)}.yaml`,
    joinLines([
      'services:',
      ...services.filter((_, index) => index % count === team).flatMap(listServiceLines),
    ]),
  ])
  return { 'mesh.yaml': joinLines([...head, 'include: [teams/*.yaml]']), ...Object.fromEntries(teams) }
}

const head = ['meshc: v1', 'mesh: bench', 'environment: bench']
const expectations = 10

const joinLines = (lines: readonly string[]): string => `${lines.join('\n')}\n`

function listServiceLines(service: BenchService): readonly string[] {
  const { versions, callers, methods } = service
  return [
    ...listSettingLines(service),
    ...(versions.length === 0
      ? []
      : [
          '    versions: { canary: {}, stable: {} }',
          `    traffic: { ${versions.map(({ name, weight }) => `${name}: ${weight}%`).join(', ')} }`,
        ]),
    ...(callers.length === 0 ? [] : ['    allow:']),
    ...callers.map(({ name }) => `      - { from: ${name}, methods: [${methods.join(', ')}] }`),
  ]
}

function listRichServiceLines(service: BenchService): readonly string[] {
  const { callers, methods } = service
  return [
    ...listSettingLines(service),
    '    versions: { canary: {}, preview: {}, stable: {} }',
    '    jwt: { issuers: [corp] }',
    '    routes:',
    '      - { name: testers, when: { headers: { x-canary: on } }, traffic: { canary: 100% } }',
    '      - { name: old-orders, when: { paths: [/api/v1/orders/*], methods: [GET] }, redirect: { path: /api/orders/ } }',
    '      - { name: search, when: { paths: [/api/search/*] }, timeout: 2s, traffic: { stable: 100% } }',
    '      - { name: everyone, traffic: { stable: 85%, canary: 10%, preview: 5% } }',
    ...(callers.length === 0 ? [] : ['    allow:']),
    ...callers.map(
      ({ name }) =>
        `      - { from: ${name}, methods: [${methods.join(', ')}], paths: [/api/*], jwt: required }`,
    ),
  ]
}

function listSettingLines({
  name,
  namespace,
  port,
  timeout,
  retries,
  circuitBreaker,
  connections,
}: BenchService): readonly string[] {
  return [
    `  ${name}:`,
    `    namespace: ${namespace}`,
    `    port: { http: ${port} }`,
    `    timeout: ${timeout}`,
    `    retries: { attempts: ${retries.attempts}, perTryTimeout: ${retries.perTryTimeout}, on: [${retries.retryOn.replaceAll(',', ', ')}] }`,
    `    circuitBreaker: { consecutiveErrors: ${circuitBreaker.consecutiveErrors}, interval: ${circuitBreaker.interval}, ejectFor: ${circuitBreaker.ejectFor}, maxEjected: ${circuitBreaker.maxEjected}% }`,
    `    connections: { max: ${connections.max}, pending: ${connections.pending}, requestsPerConnection: ${connections.requestsPerConnection} }`,
  ]
}

const padded = (number: number, width: number) => String(number).padStart(width, '0')
/** Returns the host of a service, by which a Sidecar sorts its known hosts. */
const getHost = ({ name, namespace }: Reference) => `${namespace}/${name}`
