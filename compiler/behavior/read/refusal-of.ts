import { quickSyntaxErrorOf } from '../../mesh/regular-expression.ts'
import type { ManifestObject } from '../manifest-object.ts'
import { isMap, listAt, type ManifestMap, mapAt, textAt } from './values.ts'

/**
 * Why the admission of a cluster refuses an object, so that it is not there; undefined: it takes it. Only what changes
 * where requests go is looked at. See pkg/config/validation/validation.go of istio/istio.
 */
export function refusalOf(kind: string, source: ManifestObject): string | undefined {
  if (kind === 'AuthorizationPolicy') return refusalOfPolicy(mapAt(source.value, 'spec'))
  if (kind !== 'VirtualService') return undefined
  const found: string[] = []
  findRegexes(mapAt(source.value, 'spec'), found)
  for (const regex of found) {
    const problem = quickSyntaxErrorOf(regex)
    if (problem !== undefined) return problem
  }
  return undefined
}

function refusalOfPolicy(spec: ManifestMap | undefined): string | undefined {
  const provider = textAt(mapAt(spec, 'provider'), 'name') ?? ''
  if (textAt(spec, 'action') !== 'CUSTOM')
    return provider === '' ? undefined : 'a provider without the action CUSTOM'
  if (provider === '') return 'the action CUSTOM without a provider'
  for (const rule of listAt(spec, 'rules')) {
    for (const from of listAt(rule, 'from'))
      for (const name of identities)
        if (listAt(mapAt(from, 'source'), name).length > 0) return `${name} with the action CUSTOM`
    for (const when of listAt(rule, 'when')) {
      const key = textAt(when, 'key') ?? ''
      if (/^(source\.(namespace|serviceAccount|trustDomain|principal)$|request\.auth\.)/.test(key))
        return `${key} with the action CUSTOM`
    }
  }
  return undefined
}

/** What a provider is not asked by. */
const identities = [
  'namespaces',
  'notNamespaces',
  'serviceAccounts',
  'notServiceAccounts',
  'trustDomains',
  'notTrustDomains',
  'principals',
  'notPrincipals',
  'requestPrincipals',
  'notRequestPrincipals',
]

function findRegexes(value: unknown, found: string[]): void {
  if (Array.isArray(value)) for (const item of value) findRegexes(item, found)
  else if (isMap(value))
    for (const key of Object.keys(value)) {
      const below = value[key]
      if (key === 'regex' && typeof below === 'string') found.push(below)
      else if (typeof below === 'object') findRegexes(below, found)
    }
}
