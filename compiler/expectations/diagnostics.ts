import { defineDiagnostic } from '../diagnostics/diagnostic.ts'
import { listQuoted } from '../diagnostics/suggest.ts'

/** Diagnostics of expectations: MESH38xx. */
export const reachedByOthers = defineDiagnostic<{
  to: string
  /** The only callers that may, or the callers that may not. */
  named: readonly string[]
  says: 'only' | 'never'
  request: string
  who: string
  /** True if an `allow` of the spec lets them in. */
  isAllowed: boolean
  isOpen: boolean
  /** True if the expectation is about requests without a token. */
  isTokenMissing: boolean
  witness: string
}>({
  code: 'MESH3801',
  severity: 'error',
  summary: 'A caller that an expectation excludes does not reach its destination',
  message: p => {
    const who = p.says === 'never' && p.named.includes(p.who) ? '' : `\`${p.who}\` `
    const can = p.isOpen ? 'any service can: `egress` is `allow-any`' : `${who}can`
    return `${describeExpected(p)} reach ${p.to}${p.request}, and ${can}: \`${p.witness}\``
  },
  help: p => {
    if (p.isOpen) return 'set `egress: registry-only`, or move this to an environment that sets it'
    const or = p.says === 'only' ? `add it to \`only\`` : `take it out of \`never\``
    if (!p.isAllowed) return `change what lets it through, or ${or}`
    const change = p.isTokenMissing
      ? `set \`jwt: required\` in the rule for \`${p.who}\``
      : `remove \`${p.who}\` from \`allow\``
    return `${change}, or ${or}`
  },
})

function describeExpected({ named, says }: { named: readonly string[]; says: 'only' | 'never' }): string {
  const are = named.length > 1 ? 'are' : 'is'
  if (says === 'never') return `${listQuoted(named, 'or')} ${are} expected never to`
  return named.length === 0 ? 'no caller is expected to' : `only ${listQuoted(named)} ${are} expected to`
}

export const notReached = defineDiagnostic<{
  from: string
  to: string
  request: string
  /** True if an `allow` of the spec names it, for other requests. */
  isAllowed: boolean
  /** True if another owner decides about its callers. */
  isForeign: boolean
  /** A request that does not arrive, and its result. */
  refused: { readonly request: string; readonly answer: string } | undefined
}>({
  code: 'MESH3802',
  severity: 'error',
  summary: 'A caller reaches the destination that an expectation names',
  message: p => {
    const how = p.refused === undefined ? '' : `: \`${p.refused.request}\` ends with ${p.refused.answer}`
    return `\`${p.from}\` is expected to reach ${p.to}${p.request}, but does not${how}`
  },
  help: p =>
    p.isForeign
      ? `its owner decides who may call it: change a policy of the surroundings, or this expectation`
      : p.isAllowed
        ? `widen the rule for \`${p.from}\` in \`allow\` of ${p.to}`
        : `allow it at ${p.to}: \`- from: ${p.from}\``,
})

export const notKnown = defineDiagnostic<{ expected: string; because: string; isOverLimit: boolean }>({
  code: 'MESH3803',
  severity: 'warning',
  summary: 'meshc can decide whether an expectation holds',
  message: p => `meshc cannot decide whether ${p.expected}: ${p.because}`,
  help: p =>
    p.isOverLimit
      ? 'use simpler regular expressions, or raise the limits with `--time-limit` and `--memory-limit`'
      : 'check it in the cluster, and suppress this warning with the reason why it holds',
})

export const edgeRefused = defineDiagnostic<{
  from: string
  to: string
  request: string
  policy: string
  /** File and line of the policy. */
  place: string
}>({
  code: 'MESH3804',
  severity: 'error',
  summary: 'No policy of the surroundings refuses every request that an edge allows',
  reads: ['surroundings'],
  message: p =>
    `\`${p.to}\` allows \`${p.from}\`, and ${p.policy} of the surroundings refuses it: ${p.place}`,
  help: p => `\`${p.request}\` shows it: ask the owner of the policy for an exception, or remove the edge`,
})

export const unseenToken = defineDiagnostic<{
  to: string
  field: 'jwt' | 'issuers' | 'claims' | 'issuer'
  kind: 'service' | 'external' | 'surrounding-service' | 'any-service'
  /** The named issuers whose tokens the destination does not accept, though it reads tokens. */
  unaccepted: readonly string[]
}>({
  code: 'MESH3805',
  severity: 'error',
  summary: 'An expectation asks about tokens only where its destination reads them',
  reads: ['surroundings'],
  message: p => {
    if (p.field === 'issuer')
      return `${p.to} accepts no tokens of ${listQuoted(p.unaccepted, 'or')}: no request reaches it with one`
    const who = p.kind === 'any-service' ? 'no service reads tokens' : `no proxy reads tokens for ${p.to}`
    const has = { jwt: 'every request is one without a valid token', issuers: 'no request has a valid token' }
    return `${who}: to it, ${p.field === 'claims' ? 'no request has claims' : has[p.field]}`
  },
  help: p => {
    if (p.field === 'issuer') return 'accept its tokens at the destination, or name an issuer that it accepts'
    const remove = `remove \`${p.field}\` from the expectation`
    switch (p.kind) {
      case 'external':
        return `${remove}: the mesh decides only who reaches a system outside of it`
      case 'surrounding-service':
        return `its owner decides which tokens it accepts: ask for a RequestAuthentication, or ${remove}`
      case 'service':
        return `set \`jwt: { issuers: […] }\` of ${p.to}, or ${remove}`
      case 'any-service':
        return `set \`jwt: { issuers: […] }\` of a service, or ${remove}`
    }
  },
})

/** Every diagnostic of expectations, in the order of their codes. */
export const expectationDiagnostics = [
  reachedByOthers,
  notReached,
  notKnown,
  edgeRefused,
  unseenToken,
] as const
