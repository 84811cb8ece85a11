/** One service of the bench, as the spec and as the values of the chart it is compared with need it. */
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

/** A mesh of `count` services, the same at every call: 40 namespaces, a canary for two in five, 1 to 4 callers each. */
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

/** The spec of such a mesh, as a team would write it. */
export function benchSpec(services: readonly BenchService[]): string {
  const lines = ['meshc: v1', 'mesh: bench', 'environment: bench', 'services:']
  for (const service of services) {
    const { retries, circuitBreaker, connections } = service
    lines.push(
      `  ${service.name}:`,
      `    namespace: ${service.namespace}`,
      `    port: { http: ${service.port} }`,
      `    timeout: ${service.timeout}`,
      `    retries: { attempts: ${retries.attempts}, perTryTimeout: ${retries.perTryTimeout}, on: [${retries.retryOn.replaceAll(',', ', ')}] }`,
      `    circuitBreaker: { consecutiveErrors: ${circuitBreaker.consecutiveErrors}, interval: ${circuitBreaker.interval}, ejectFor: ${circuitBreaker.ejectFor}, maxEjected: ${circuitBreaker.maxEjected}% }`,
      `    connections: { max: ${connections.max}, pending: ${connections.pending}, requestsPerConnection: ${connections.requestsPerConnection} }`,
    )
    if (service.versions.length > 0) {
      lines.push(
        '    versions: { canary: {}, stable: {} }',
        `    traffic: { ${service.versions.map(({ name, weight }) => `${name}: ${weight}%`).join(', ')} }`,
      )
    }
    if (service.callers.length > 0) {
      lines.push('    allow:')
      for (const caller of service.callers)
        lines.push(`      - { from: ${caller.name}, methods: [${service.methods.join(', ')}] }`)
    }
  }
  return `${lines.join('\n')}\n`
}

const padded = (number: number, width: number) => String(number).padStart(width, '0')
/** As a Sidecar sorts the hosts it knows. */
const getHost = ({ name, namespace }: Reference) => `${namespace}/${name}`
