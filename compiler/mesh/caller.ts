import type { Caller, ExpectedDestination } from './mesh.ts'

/** A caller as the spec names it: `web`, `gateway/public`, `anyone`. */
export function nameCaller(caller: Caller): string {
  switch (caller.kind) {
    case 'service':
      return caller.service.key
    case 'gateway':
      return `gateway/${caller.gateway.name.value}`
    case 'namespace':
      return `namespace/${caller.namespace.value}`
    case 'external-caller':
      return `external-caller/${caller.principal.value}`
    case 'workload':
      return `${caller.namespace}/${caller.name}`
    case 'anyone':
      return 'anyone'
  }
}

/** A word that names a caller, or the other end of an edge, in its parts: `gateway/public` names the gateway `public`. */
export function readName(word: string): {
  readonly kind: 'service' | 'gateway' | 'namespace' | 'external' | 'external-caller' | 'workload' | 'anyone'
  readonly name: string
} {
  const slash = word.indexOf('/')
  if (slash === -1) return { kind: word === 'anyone' ? 'anyone' : 'service', name: word }
  const kind = prefixes.find(prefix => slash === prefix.length && word.startsWith(prefix))
  return kind === undefined ? { kind: 'workload', name: word } : { kind, name: word.slice(slash + 1) }
}

const prefixes = ['gateway', 'namespace', 'external', 'external-caller'] as const

/** The SPIFFE identity that one caller proves; undefined for a group of callers. */
function callerPrincipal(caller: Caller): string | undefined {
  switch (caller.kind) {
    case 'service':
      return caller.service.principal.value
    case 'gateway':
      return caller.gateway.principal.value
    case 'external-caller':
    case 'workload':
      return caller.principal.value
    case 'namespace':
    case 'anyone':
      return undefined
  }
}

/**
 * Tells whether every caller that is `narrow` is `wide` too, to a policy: it knows callers by their identity, and namespaces
 * by it.
 */
export function coversCaller(wide: Caller, narrow: Caller): boolean {
  if (wide.kind === 'anyone') return true
  if (wide.kind === 'namespace') {
    const principal = callerPrincipal(narrow)
    if (principal !== undefined) return principal.includes(`/ns/${wide.namespace.value}/`)
    return narrow.kind === 'namespace' && narrow.namespace.value === wide.namespace.value
  }
  return callerPrincipal(wide) === callerPrincipal(narrow)
}

/** The destination of an expectation as the spec names it: `my-api`, `external/stripe`, `legacy/database`. */
export function nameDestination(destination: ExpectedDestination): string {
  switch (destination.kind) {
    case 'service':
      return destination.service.key
    case 'external':
      return `external/${destination.external.key}`
    case 'surrounding-service':
      return destination.name
  }
}
