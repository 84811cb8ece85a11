import { once } from '../../basics/once.ts'
import type { ManifestObject } from '../manifest-object.ts'
import type {
  AuthorizationPolicy,
  AuthorizationRule,
  MtlsMode,
  PeerAuthentication,
  PolicyTarget,
  RequestAuthentication,
  Words,
} from '../model.ts'
import { specFields } from './kinds.ts'
import { readObject } from './read-object.ts'
import { isTrueAt, listAt, mapAt, readLabels, readText, readTexts } from './values.ts'

export function readPeerAuthentication(source: ManifestObject): PeerAuthentication {
  const spec = mapAt(source.value, 'spec')
  return {
    selector: readLabels(mapAt(spec, 'selector'), 'matchLabels'),
    mode: getMode(mapAt(spec, 'mtls')),
    portLevel: new Map(
      Object.entries(mapAt(spec, 'portLevelMtls') ?? {}).map(([port, mtls]) => [Number(port), getMode(mtls)]),
    ),
    ...readObject(source, specFields['PeerAuthentication']),
  }
}

function getMode(mtls: unknown): MtlsMode {
  const mode = readText(mtls, 'mode')
  return mode === 'DISABLE' || mode === 'PERMISSIVE' || mode === 'STRICT' ? mode : 'UNSET'
}

/** Envoy looks for a prefix anywhere in a header, and tokens are of letters, digits, `-`, `_` and dots. */
const partOfToken = { code: 'jwt-prefix-within-token' } as const

export function getRequestAuthentication(source: ManifestObject): RequestAuthentication {
  const spec = mapAt(source.value, 'spec')
  const hidden = listAt(spec, 'jwtRules').flatMap((rule, index) =>
    listAt(rule, 'fromHeaders').flatMap((header, place) =>
      /^[\w.-]+$/.test(readText(header, 'prefix') ?? '')
        ? [{ path: ['spec', 'jwtRules', index, 'fromHeaders', place, 'prefix'], reason: partOfToken }]
        : [],
    ),
  )
  return {
    ...readObject(source, specFields['RequestAuthentication'], hidden),
    selector: readLabels(mapAt(spec, 'selector'), 'matchLabels'),
    targets: listTargets(spec),
    rules: listAt(spec, 'jwtRules').map(rule => ({
      issuer: readText(rule, 'issuer') ?? '',
      audiences: readTexts(rule, 'audiences'),
      fromHeaders: listAt(rule, 'fromHeaders').map(header => ({
        name: (readText(header, 'name') ?? '').toLowerCase(),
        prefix: readText(header, 'prefix') ?? '',
      })),
      fromParams: readTexts(rule, 'fromParams'),
      fromCookies: readTexts(rule, 'fromCookies'),
      forwardOriginalToken: isTrueAt(rule, 'forwardOriginalToken'),
      outputClaimToHeaders: listAt(rule, 'outputClaimToHeaders').map(output => ({
        header: (readText(output, 'header') ?? '').toLowerCase(),
        claim: readText(output, 'claim') ?? '',
      })),
      spaceDelimitedClaims: ['permission', 'scope', ...readTexts(rule, 'spaceDelimitedClaims')],
      payloadHeader: readText(rule, 'outputPayloadToHeader')?.toLowerCase() || undefined,
    })),
  }
}

export function readAuthorizationPolicy(source: ManifestObject): AuthorizationPolicy {
  const spec = mapAt(source.value, 'spec')
  const action = readText(spec, 'action') ?? 'ALLOW'
  const rules = once(() => listAt(spec, 'rules').map(getRule))
  return {
    selector: readLabels(mapAt(spec, 'selector'), 'matchLabels'),
    targets: listTargets(spec),
    action: action === 'DENY' || action === 'AUDIT' || action === 'CUSTOM' ? action : 'ALLOW',
    provider: readText(mapAt(spec, 'provider'), 'name'),
    isDryRun: /^(1|t|true)$/i.test(
      readText(mapAt(mapAt(source.value, 'metadata'), 'annotations'), 'istio.io/dry-run') ?? '',
    ),
    // Rules are read on demand: a question needs the rules of few of the thousands of policies in a mesh.
    get rules() {
      return rules()
    },
    ...readObject(source, specFields['AuthorizationPolicy']),
  }
}

const getRule = (rule: unknown): AuthorizationRule => ({
  from: listAt(rule, 'from').map(from => {
    const part = mapAt(from, 'source')
    return {
      principals: readWords(part, 'principals', 'notPrincipals'),
      requestPrincipals: readWords(part, 'requestPrincipals', 'notRequestPrincipals'),
      namespaces: readWords(part, 'namespaces', 'notNamespaces'),
      serviceAccounts: readWords(part, 'serviceAccounts', 'notServiceAccounts'),
      trustDomains: readWords(part, 'trustDomains', 'notTrustDomains'),
      ipBlocks: readWords(part, 'ipBlocks', 'notIpBlocks'),
      remoteIpBlocks: readWords(part, 'remoteIpBlocks', 'notRemoteIpBlocks'),
    }
  }),
  to: listAt(rule, 'to').map(to => {
    const part = mapAt(to, 'operation')
    return {
      hosts: readWords(part, 'hosts', 'notHosts'),
      ports: readWords(part, 'ports', 'notPorts'),
      methods: readWords(part, 'methods', 'notMethods'),
      paths: readWords(part, 'paths', 'notPaths'),
    }
  }),
  when: listAt(rule, 'when').map(condition => ({
    key: readText(condition, 'key') ?? '',
    values: readTexts(condition, 'values'),
    notValues: readTexts(condition, 'notValues'),
  })),
})

function readWords(value: unknown, key: string, notKey: string): Words {
  const values = readTexts(value, key)
  const notValues = readTexts(value, notKey)
  return values.length + notValues.length === 0 ? noWords : { values, notValues }
}

const noWords: Words = { values: [], notValues: [] }

function listTargets(spec: unknown): readonly PolicyTarget[] {
  const oneTarget = mapAt(spec, 'targetRef')
  const all = listAt(spec, 'targetRefs')
  const written = all.length > 0 || oneTarget === undefined ? all : [oneTarget]
  return written.map(target => ({
    kind: readText(target, 'kind') ?? '',
    name: readText(target, 'name') ?? '',
  }))
}
