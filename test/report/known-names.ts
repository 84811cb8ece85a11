import type { Compilation } from '../../compiler/compilation.ts'
import { splitClusterEntry } from '../../compiler/mesh/cluster-entry.ts'
import { listDeclaredPlanes } from '../support/control-planes.ts'
import type { Declared } from '../support/declared.ts'
import type { CommandLine } from './command-lines.ts'

/** The names that a command can use in an environment. */
export interface KnownNames {
  readonly namespaces: ReadonlySet<string>
  /** `service my-api in my-api`, as kubectl finds the object. */
  readonly objects: ReadonlySet<string>
  readonly selectors: ReadonlySet<string>
  /** The names that proxies give destinations: `outbound|8080|canary|my-api.my-api.svc.cluster.local`. */
  readonly clusters: ReadonlySet<string>
  readonly ports: ReadonlySet<string>
  readonly hosts: ReadonlySet<string>
  /** The origins at which gateways answer: `https://api.example.com`, `http://shop.example.com:8080`. */
  readonly origins: ReadonlySet<string>
  readonly applications: ReadonlySet<string>
  readonly projects: ReadonlySet<string>
  /** Files and folders, from the root of the repository. */
  readonly paths: ReadonlySet<string>
  readonly environment: string
  /** The clusters of the environment. A context of kubectl has the name of its cluster. */
  readonly contexts: ReadonlySet<string>
  readonly issuers: ReadonlySet<string>
}

/** Lists the names in a mesh and in its built files, only from the spec and the files. */
export function knownNames(compilation: Compilation, declared: Declared, entry: string): KnownNames {
  const { services, exits, crossings, externals, root, spec } = declared
  const gateways = [...declared.gateways, ...exits, ...crossings]
  const environment = entry.replace(/^spec\/|\/mesh\.yaml$/g, '')
  const output = `out/${environment}`
  const files = [...compilation.files()]
  const source = splitClusterEntry(entry)?.base ?? entry
  const paths = new Set([source, source.replace('/mesh.yaml', ''), output])
  const contexts = Object.keys(spec.clusters ?? {})
  // Control planes read other clusters with these secrets.
  for (const name of contexts) paths.add(`${name}.secret.yaml`)
  for (const { path } of files) {
    const parts = path.split('/')
    for (let length = 1; length <= parts.length; length++)
      paths.add(`${output}/${parts.slice(0, length).join('/')}`)
  }
  const namesIn = (file: string, kind: string) =>
    (files.find(({ path }) => path === `argocd/${file}.yaml`)?.text ?? '')
      .split(/^---$/m)
      .filter(text => new RegExp(`^kind: ${kind}$`, 'm').test(text))
      .flatMap(text => /^ {2}name: "?([^"\n]*)/m.exec(text)?.[1] ?? [])
  const istiods = listDeclaredPlanes(spec).map(({ revision }) =>
    revision === undefined ? 'istiod' : `istiod-${revision}`,
  )
  const selector = (labels: Readonly<Record<string, string>>) =>
    Object.entries(labels)
      .map(([label, value]) => `${label}=${value}`)
      .sort()
      .join(',')
  const versioned = services.flatMap(({ labels, versions }) => {
    // A document may propose this version as the first canary of a service.
    const all = Object.values({ ...versions, canary: versions['canary'] ?? { version: 'v2' } })
    return [...all, { version: 'canary' }, { version: 'next' }].map(extra =>
      selector({ ...labels, ...extra }),
    )
  })
  return {
    environment,
    contexts: new Set(contexts),
    paths,
    namespaces: new Set([
      ...declared.namespaces,
      ...gateways.map(({ podNamespace }) => podNamespace),
      root,
      spec.delivery?.argocd?.namespace ?? 'argocd',
    ]),
    objects: new Set([
      ...services.map(({ name, namespace }) => `service ${name} in ${namespace}`),
      ...istiods.map(istiod => `deployment ${istiod} in ${root}`),
      `secret istio-ca-secret in ${root}`,
      `secret cacerts in ${root}`,
      ...gateways.flatMap(({ name, podNamespace }) =>
        Object.entries(spec.gateways?.[name]?.certificates ?? {}).flatMap(([key, { secret }]) => {
          const further = `${secret ?? `${name}-${key}-tls`} in ${podNamespace}`
          return [`secret ${further}`, `certificate ${further}`]
        }),
      ),
      ...gateways.flatMap(({ workload, labels, podNamespace, secret }) => [
        // Proxies of another owner have the names that Istio's charts give to proxies with their labels.
        `deployment ${workload ?? `istio-${labels['istio']}`} in ${podNamespace}`,
        ...(workload === undefined ? [] : [`service ${workload} in ${podNamespace}`]),
        `secret ${secret} in ${podNamespace}`,
        `certificate ${secret} in ${podNamespace}`,
      ]),
    ]),
    selectors: new Set([
      ...[...services, ...gateways].map(({ labels }) => selector(labels)),
      ...versioned,
      ...services.map(({ name }) => `kubernetes.io/service-name=${name}`),
      'app=istiod',
      'app=sidecar-injector',
      '!app.kubernetes.io/part-of',
    ]),
    clusters: new Set(
      services.flatMap(({ host, ports, versions }) =>
        ports.flatMap(({ number }) =>
          ['', ...Object.keys(versions)].map(version => `outbound|${number}|${version}|${host}`),
        ),
      ),
    ),
    ports: new Set(services.flatMap(({ ports }) => ports.map(({ number }) => String(number)))),
    hosts: new Set([
      ...gateways.flatMap(({ hosts }) => hosts.map(getExampleHost)),
      ...externals.flatMap(({ hosts }) => hosts),
    ]),
    origins: new Set(
      gateways.flatMap(gateway => {
        const shown = services.flatMap(({ host: name, spec: { expose = [] } }) =>
          expose
            .filter(exposure => exposure.gateway === gateway.name)
            .map(({ host = '' }) => (host === '*' ? name : host)),
        )
        return [...gateway.hosts, ...shown].map(host => getOrigin(gateway, getExampleHost(host)))
      }),
    ),
    applications: new Set([...namesIn('applications', 'Application'), ...namesIn('root', 'Application')]),
    projects: new Set(namesIn('app-projects', 'AppProject')),
    issuers: new Set(
      [
        ...Object.values(spec.issuers ?? {}),
        ...services.map(({ spec: { jwt } }) => jwt),
        ...Object.values(spec.gateways ?? {}).map(({ jwt }) => jwt),
      ].flatMap(issuer => [issuer?.issuer ?? '', issuer?.jwks ?? '']),
    ),
  }
}

/** Returns a host of a request that matches a host of a gateway. */
const getExampleHost = (host: string): string => (host === '*' ? 'www.example.com' : host.replace('*', 'www'))

/**
 * Returns the origin of a host at a gateway. It uses TLS if the gateway has a certificate, and leaves out a
 * default port.
 */
function getOrigin({ secret, spec }: Declared['gateways'][number], host: string): string {
  const { ports = {}, certificates = {} } = spec
  const isHttps = secret !== undefined || Object.keys(certificates).length > 0
  const [scheme, port, usual] = isHttps ? ['https', ports.https ?? 443, 443] : ['http', ports.http ?? 80, 80]
  return `${scheme}://${host}${port === usual ? '' : `:${port}`}`
}

/** Lists the faults of a command that names missing things. */
export function unknownNames(line: CommandLine, existingNames: KnownNames): readonly string[] {
  const { tool, command, operands, flags } = line
  const faults: string[] = []
  const check = (is: boolean, what: string) => {
    if (!is) faults.push(`${what} is unknown (${tool} ${command})`)
  }
  const listValues = (...names: readonly string[]) => names.flatMap(name => flags.get(name) ?? [])
  const [namespace = ''] = listValues('--namespace', '-n')
  for (const value of listValues('--namespace', '-n'))
    check(
      existingNames.namespaces.has(value) || (tool === 'helm' && flags.has('--create-namespace')),
      `the namespace ${value}`,
    )
  for (const value of listValues('--selector', '--labels', '-l'))
    check(existingNames.selectors.has(value.split(',').sort().join(',')), `the selector ${value}`)
  for (const value of listValues('--filename', '--kustomize', '--values', '-f'))
    check(existingNames.paths.has(value), `the file ${value}`)
  for (const value of listValues('--cluster'))
    check(existingNames.clusters.has(value), `the cluster ${value}`)
  for (const value of listValues('--fqdn')) check(existingNames.hosts.has(value), `the host ${value}`)
  for (const value of listValues('--context'))
    check(existingNames.contexts.has(value), `the context ${value}`)
  const [what, names] =
    command === 'create-remote-secret'
      ? (['cluster', existingNames.contexts] as const)
      : (['port', existingNames.ports] as const)
  for (const value of listValues('--name')) check(names.has(value), `the ${what} ${value}`)
  for (const value of listValues('--project'))
    check(existingNames.projects.has(value), `the project ${value}`)
  for (const value of listValues('--env'))
    check(value === existingNames.environment, `the environment ${value}`)
  for (const object of objectsIn(line)) check(existingNames.objects.has(`${object} in ${namespace}`), object)
  if (tool === 'argocd' && command !== 'app list')
    for (const name of operands) check(existingNames.applications.has(name), `the application ${name}`)
  if (tool === 'kubectl' && command === 'create namespace')
    for (const name of operands) check(existingNames.namespaces.has(name), `the namespace ${name}`)
  if (tool === 'git' && flags.has('--'))
    for (const path of [...operands, ...listValues('--')].filter(path => path !== '' && path !== 'main'))
      check(existingNames.paths.has(path), `the path ${path}`)
  if (tool === 'curl')
    for (const url of operands)
      check(
        existingNames.issuers.has(url) ||
          existingNames.origins.has(/^(https?:\/\/[^/]*)\//.exec(url)?.[1] ?? ''),
        `the address ${url}`,
      )
  return faults
}

/** Lists the objects that a command names: `deployment/istiod`, or a kind and then names. */
function objectsIn({ tool, command, operands }: CommandLine): readonly string[] {
  const slashed = operands.filter(
    word => /^[a-z]+\/[a-z]/.test(word) && (tool === 'kubectl' || tool === 'istioctl'),
  )
  const named = slashed.map(word => word.replace('/', ' '))
  if (tool === 'istioctl' && command === 'experimental describe service')
    return operands.map(name => `service ${name}`)
  if (tool === 'kubectl' && /^(get|describe|rollout restart)$/.test(command)) {
    const [kind = '', ...names] = operands.filter(word => !slashed.includes(word))
    return [...named, ...names.map(name => `${kind.replace(/s$/, '')} ${name}`)]
  }
  if (tool === 'istioctl' && /^(proxy-config|experimental authz)/.test(command))
    return named.length > 0 ? named : ['nothing that has a proxy']
  return named
}
