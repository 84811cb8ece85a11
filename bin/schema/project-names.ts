import { compare } from '../../compiler/diagnostics/compare.ts'
import { isMap } from '../../compiler/source/document.ts'

/** Names, each with its description in the editor. */
export type Names = ReadonlyMap<string, string>

/** The names that the specs of a project declare, in any layer, in the order of the alphabet. */
export interface ProjectNames {
  readonly services: Names
  /** The clusters of environments. */
  readonly clusters: Names
  readonly issuers: Names
  readonly authorizers: Names
  readonly limiters: Names
  readonly gateways: Names
  readonly externals: Names
  readonly namespaces: Names
  /** The revisions of control planes, and their tags. */
  readonly revisions: Names
  /** The hosts of gateways. */
  readonly hosts: Names
  /** The names of versions, by the name of the service. */
  readonly versions: ReadonlyMap<string, Names>
  readonly ports: ReadonlyMap<string, Names>
}

/**
 * The names in specs, which may be invalid: a value of another form is ignored.
 *
 * @param specs the values of parsed files; a name has the description of the first that has one
 */
export function projectNames(specs: readonly unknown[]): ProjectNames {
  const foundNames = {
    services: new Map<string, string>(),
    clusters: new Map<string, string>(),
    issuers: new Map<string, string>(),
    authorizers: new Map<string, string>(),
    limiters: new Map<string, string>(),
    gateways: new Map<string, string>(),
    externals: new Map<string, string>(),
    namespaces: new Map<string, string>(),
    revisions: new Map<string, string>(),
    hosts: new Map<string, string>(),
  }
  const versions = new Map<string, Map<string, string>>()
  const ports = new Map<string, Map<string, string>>()
  for (const spec of specs) {
    for (const [name] of listMapEntries(spec, 'namespaces')) addName(foundNames.namespaces, name)
    for (const [name, revision] of listMapEntries(isMap(spec) ? spec['istio'] : undefined, 'revisions')) {
      const [version] = listTexts(revision, 'version')
      addName(foundNames.revisions, name, version === undefined ? '' : `Istio ${version}`)
      for (const tag of listTexts(revision, 'tags')) addName(foundNames.revisions, tag, `tag of ${name}`)
    }
    for (const [name, cluster] of listMapEntries(spec, 'clusters')) {
      const [network] = listTexts(cluster, 'network')
      addName(foundNames.clusters, name, network === undefined ? '' : `in network ${network}`)
    }
    for (const [name, issuer] of listMapEntries(spec, 'issuers'))
      addName(foundNames.issuers, name, listTexts(issuer, 'issuer').join())
    for (const [name, authorizer] of listMapEntries(spec, 'authorizers'))
      addName(
        foundNames.authorizers,
        name,
        ['grpc', 'http'].flatMap(protocol => listTexts(authorizer, protocol)).join(),
      )
    for (const [name, limiter] of listMapEntries(spec, 'rateLimiters'))
      addName(foundNames.limiters, name, listTexts(limiter, 'grpc').join())
    for (const [name, gateway] of listMapEntries(spec, 'gateways')) {
      const hosts = listTexts(gateway, 'hosts')
      addName(foundNames.gateways, name, hosts.join(', '))
      for (const host of hosts) addName(foundNames.hosts, host, `of ${name}`)
      for (const namespace of listTexts(gateway, 'namespace')) addName(foundNames.namespaces, namespace)
    }
    for (const [name, external] of listMapEntries(spec, 'external')) {
      addName(foundNames.externals, name, listTexts(external, 'hosts').join(', '))
      for (const namespace of listTexts(external, 'namespace')) addName(foundNames.namespaces, namespace)
    }
    for (const [name, service] of listMapEntries(spec, 'services')) {
      const [namespace] = listTexts(service, 'namespace')
      const [owner] = listTexts(service, 'owner')
      const known = [namespace && `in ${namespace}`, owner && `of ${owner}`].filter(Boolean)
      addName(foundNames.services, name, known.join(', '))
      if (namespace !== undefined) addName(foundNames.namespaces, namespace)
      for (const [version, entry] of listMapEntries(service, 'versions'))
        addName(getNamesOf(versions, name), version, listTexts(entry, 'version').join())
      for (const [port] of listMapEntries(service, 'ports')) addName(getNamesOf(ports, name), port)
    }
  }
  return {
    services: sortNames(foundNames.services),
    clusters: sortNames(foundNames.clusters),
    issuers: sortNames(foundNames.issuers),
    authorizers: sortNames(foundNames.authorizers),
    limiters: sortNames(foundNames.limiters),
    gateways: sortNames(foundNames.gateways),
    externals: sortNames(foundNames.externals),
    namespaces: sortNames(foundNames.namespaces),
    revisions: sortNames(foundNames.revisions),
    hosts: sortNames(foundNames.hosts),
    versions: new Map([...versions].map(([service, names]) => [service, sortNames(names)])),
    ports: new Map([...ports].map(([service, names]) => [service, sortNames(names)])),
  }
}

function addName(names: Map<string, string>, name: string, description = ''): void {
  names.set(name, names.get(name) || description)
}

function getNamesOf(all: Map<string, Map<string, string>>, service: string): Map<string, string> {
  const names = all.get(service) ?? new Map()
  all.set(service, names)
  return names
}

const sortNames = (names: Names): Names => new Map([...names].toSorted(([a], [b]) => compare(a, b)))

/** The entries of a map in a map; a null removes a name, and adds none. */
function listMapEntries(value: unknown, field: string): readonly (readonly [string, unknown])[] {
  const map = isMap(value) ? value[field] : undefined
  return isMap(map) ? Object.entries(map).filter(([, entry]) => entry !== null) : []
}

/** The text of a field, or the texts in its list. */
function listTexts(value: unknown, field: string): readonly string[] {
  const entry = isMap(value) ? value[field] : undefined
  return [entry].flat().filter(text => typeof text === 'string')
}
