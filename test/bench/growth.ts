import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { dump } from 'js-yaml'
import { write } from '../support/project.ts'
import { measureProcess } from './measure-process.ts'
import { makeMemoryFolder } from './memory-folder.ts'

/**
 * `npm run bench:growth [-- FEATURE…]`: measures how `meshc build` and `meshc lint` grow with a mesh in which every service uses a
 * feature. Prints the CPU time in seconds for 500 and for 2,000 services, and the exponent of the growth: about 1 if four times the
 * services take four times as long.
 */
const meshc = fileURLToPath(new URL('../../dist/meshc.cjs', import.meta.url))
const sizes = [500, 2000] as const
const commands = [
  ['build', '--env', 'bench', '--no-cache'],
  ['lint', '--env', 'bench'],
] as const

/** The CPU time in seconds of a command that reads no mesh: it does not grow. */
const start = 0.1

const certificate = { certificate: { issuer: 'letsencrypt' } }

const proxies = { namespace: 'istio-ingress', labels: { istio: 'ingress' }, serviceAccount: 'ingress' }

type Spec = Readonly<Record<string, unknown>>

/** The spec of a feature for a number of services. */
const features: Readonly<Record<string, (size: number) => Spec>> = {
  plain: size => makeSpec(size),
  versions: size =>
    makeSpec(size, () => ({ versions: { v1: {}, v2: {} }, traffic: { v1: '90%', v2: '10%' } })),
  objective: size =>
    makeSpec(size, () => ({ objective: { availability: '99.9%', latency: { p99: '500ms' } } })),
  tokens: size =>
    makeSpec(
      size,
      index => ({ jwt: { issuers: ['corp'] }, allow: [{ ...next(index, size), jwt: 'required' }] }),
      {
        issuers: { corp: { issuer: 'https://login.example.com', jwks: 'https://login.example.com/keys' } },
      },
    ),
  'rate limits': size => makeSpec(size, () => ({ rateLimit: '100/s' })),
  'shared account': size => makeSpec(size, () => ({ workload: { serviceAccount: 'shared' } })),
  'twenty callers': size =>
    makeSpec(size, index => ({
      allow: Array.from({ length: 20 }, (_, step) => next(index + 7 * step, size)),
    })),
  'paths of one host': size =>
    makeSpec(
      size,
      index => expose('public', { host: 'api.example.com', paths: [`/${nameService(index)}/*`] }),
      { gateways: { public: { hosts: ['api.example.com'], ...certificate } } },
    ),
  'hosts of one gateway': size =>
    makeSpec(size, index => expose('public', { host: nameHost(index) }), {
      gateways: { public: { hosts: listIndexes(size).map(nameHost), ...certificate } },
    }),
  'hosts below a wildcard': size =>
    makeSpec(size, index => expose('public', { host: nameHost(index) }), {
      gateways: { public: { hosts: ['*.example.com'], ...certificate } },
    }),
  gateways: size =>
    makeSpec(size, index => expose(`gateway-${index}`, { host: nameHost(index) }), {
      gateways: Object.fromEntries(
        listIndexes(size).map(index => [`gateway-${index}`, { hosts: [nameHost(index)], ...certificate }]),
      ),
    }),
  'gateways of one workload': size =>
    makeSpec(size, index => expose(`gateway-${index}`, { host: nameHost(index) }), {
      gateways: Object.fromEntries(
        listIndexes(size).map(index => [
          `gateway-${index}`,
          { hosts: [nameHost(index)], certificate: { secret: nameService(index) }, workload: proxies },
        ]),
      ),
    }),
  'ports of one gateway': size =>
    makeSpec(size, index => ({ port: { tcp: 5432 }, ...expose('public', { tcp: `port-${index}` }) }), {
      gateways: {
        public: {
          tcp: Object.fromEntries(
            listIndexes(size).map(index => [`port-${index}`, { port: 10_000 + index }]),
          ),
        },
      },
    }),
  externals: size => makeSpec(size, undefined, { external: makeExternals(size) }),
  'externals through a gateway': size =>
    makeSpec(size, undefined, {
      gateways: { out: { egress: true } },
      external: makeExternals(size, { through: 'out' }),
    }),
  'expected callers': size =>
    makeSpec(size, undefined, {
      expect: listIndexes(size / 10).map(index => ({
        only: [next(index, size).from],
        to: nameService(index),
      })),
    }),
}

const words = process.argv.slice(2)
const columns = commands.flatMap(([command]) => [...sizes.map(size => `${command} ${size}`), 'growth'])
console.log('feature'.padEnd(24) + columns.map(column => column.padStart(12)).join(''))
for (const [feature, make] of Object.entries(features)) {
  if (words.length > 0 && !words.some(word => feature.includes(word))) continue
  const cells = commands.flatMap(command => {
    const [small, large] = sizes.map(size => measure(make(size), command)) as [number, number]
    const growth = Math.log((large - start) / (small - start)) / Math.log(sizes[1] / sizes[0])
    return [small, large, growth].map(figure => figure.toFixed(2))
  })
  console.log(feature.padEnd(24) + cells.map(cell => cell.padStart(12)).join(''))
}

function nameService(index: number): string {
  return `svc-${String(index).padStart(5, '0')}`
}

function nameHost(index: number): string {
  return `${nameService(index)}.example.com`
}

function listIndexes(size: number): readonly number[] {
  return Array.from({ length: size }, (_, index) => index)
}

/** The entry of `allow` for the service after a service. */
function next(index: number, size: number) {
  return { from: nameService((index + 1) % size) }
}

/** Exposes a service at a gateway, which may call it. */
function expose(gateway: string, at: Spec): Spec {
  return { allow: [{ from: `gateway/${gateway}` }], expose: [{ gateway, ...at }] }
}

/** Makes an external system for each service, which may call it. */
function makeExternals(size: number, extra: Spec = {}): Spec {
  return Object.fromEntries(
    listIndexes(size).map(index => [
      `external-${index}`,
      {
        hosts: [`host-${index}.example.org`],
        port: { https: 443 },
        allow: [{ from: nameService(index) }],
        ...extra,
      },
    ]),
  )
}

/** Makes the spec of a mesh in which each service has one caller, in 50 namespaces. */
function makeSpec(size: number, extend: (index: number) => Spec = () => ({}), rest: Spec = {}): Spec {
  const services = listIndexes(size).map(index => [
    nameService(index),
    { namespace: `team-${index % 50}`, port: { http: 8080 }, allow: [next(index, size)], ...extend(index) },
  ])
  const head = { meshc: 'v1', mesh: 'bench', environment: 'bench', manages: 'mesh' }
  return { ...head, ...rest, services: Object.fromEntries(services) }
}

/** Returns the CPU time of a command in seconds. Lint ends with 1 if it finds a dead route. */
function measure(spec: Spec, command: readonly string[]): number {
  const project = makeMemoryFolder()
  try {
    // Shared parts are written in full, as people write them; aliases are not a part of the language.
    const text = dump(spec, { noRefs: true, flowLevel: 3, lineWidth: 1000 })
    write(project, { 'spec/bench/mesh.yaml': text })
    const words = [process.execPath, meshc, ...command, '--project', project]
    const { status, cpu } = measureProcess(words, join(project, 'log'))
    if (status !== 0 && !(status === 1 && command[0] === 'lint'))
      throw new Error(`${command.join(' ')} failed`)
    return cpu
  } finally {
    rmSync(project, { recursive: true })
  }
}
