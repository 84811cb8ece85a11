import type { MeshSpec } from '../../schema/spec/mesh.ts'
import { compare } from '../diagnostics/compare.ts'
import type { Diagnostic } from '../diagnostics/diagnostic.ts'
import { readName } from '../mesh/caller.ts'
import type { Caller, Expectation, ExpectedDestination, External, Gateway, Service } from '../mesh/mesh.ts'
import { from, SpecNode } from '../mesh/sourced.ts'
import { placeAt, placeAtKey } from '../mesh/spec-place.ts'
import type { Surroundings } from '../mesh/surroundings.ts'
import type { FindCaller } from './callers.ts'
import { listClaims } from './claims.ts'
import { exclusiveFields, requiredField, unknownDestination } from './diagnostics.ts'
import { dropUndefined, emptyList, listSourcedEntries, type Report, readField } from './fields.ts'
import { findIssuer, type KnownIssuers } from './jwt.ts'
import { resolvePathMatch, resolveStringMatch } from './match.ts'
import { makeNearestAfter, makeSuggest } from './suggestions.ts'

/** The parts of the mesh that expectations name. */
interface ExpectationContext {
  readonly services: ReadonlyMap<string, Service>
  readonly externals: readonly External[]
  readonly gateways: readonly Gateway[]
  /** The external systems of the spec, with those in which something is wrong. */
  readonly declared: MeshSpec['external']
  readonly issuers: KnownIssuers
  readonly findCaller: FindCaller
  readonly surroundings: Surroundings
}

/** Resolves the expectations of the mesh, in the order of the spec. */
export function resolveExpectations(
  spec: MeshSpec['expect'],
  {
    services,
    externals,
    gateways,
    declared = {},
    issuers: known,
    findCaller,
    surroundings,
  }: ExpectationContext,
  report: Report,
): readonly Expectation[] {
  if (spec === undefined) return emptyList
  const externalByKey = new Map(externals.map(external => [external.key, external]))
  const suggestService = makeSuggest(() => [...services.keys()])
  const suggestExternal = makeSuggest(() => [...externalByKey.keys()], makeNearestAfter('external/'))
  const suggestSurrounding = makeSuggest(() => [...surroundings.services.keys()], makeNearestAfter(''))
  const node = new SpecNode(undefined, 'expect')
  return spec.flatMap((written, index) => {
    const origin = node.at(index)
    const to = written.to === undefined ? undefined : findDestination(written.to, origin.at('to'))
    const only = findCallers(written.only, origin.at('only'))
    const never = findCallers(written.never, origin.at('never'))
    const caller: Caller | undefined =
      written.from === undefined ? undefined : findCaller(written.from, origin.at('from'))
    const owner = written.to === undefined ? 'this expectation' : `the expectation about \`${written.to}\``
    if (written.only === undefined && written.never === undefined && written.from === undefined) {
      const field = '`only`, `never` or `from`'
      report(requiredField(placeAt(origin), { owner, field, example: 'only: [my-api]' }))
    }
    if (written.to === undefined && written.from !== undefined)
      report(requiredField(placeAt(origin), { owner, field: 'what is reached', example: 'to: my-api' }))
    for (const diagnostic of findExclusiveConditions(written, origin, owner)) report(diagnostic)
    const issuers = dropUndefined(
      listSourcedEntries(written.issuers, origin, 'issuers').map(name => {
        const issuer = findIssuer(name, known, report)?.identity?.issuer
        return issuer && { name, issuer }
      }),
    )
    // A fault of an issuer is reported already.
    if (issuers.length < (written.issuers ?? []).length) return []
    if (written.to !== undefined && to === undefined) return []
    return {
      origin,
      to,
      only,
      never,
      from: caller,
      method: readField(written, origin, 'method'),
      path: readField(written, origin, 'path')?.map(resolvePathMatch),
      headers: Object.entries(written.headers ?? {})
        .toSorted(([a], [b]) => compare(a, b))
        .map(
          ([name, value]) => [name, from(origin.at('headers').at(name), resolveStringMatch(value))] as const,
        ),
      jwtMissing: readField(written, origin, 'jwt'),
      issuers,
      claims: listClaims(written.claims, origin.at('claims')),
      reason: readField(written, origin, 'because'),
    }
  })

  function findCallers(words: readonly string[] | undefined, node: SpecNode): readonly Caller[] | undefined {
    return words?.flatMap((word, index): readonly Caller[] => {
      const origin = node.at(index)
      if (word === 'gateway/*') return gateways.map(gateway => ({ kind: 'gateway', gateway, origin }))
      const caller = findCaller(word, origin)
      return caller === undefined ? [] : [caller]
    })
  }

  function findDestination(word: string, node: SpecNode): ExpectedDestination | undefined {
    const { kind, name } = readName(word)
    if (kind === 'external') {
      const external = externalByKey.get(name)
      if (external !== undefined) return { kind: 'external', external, origin: node }
      // A fault of a declared one is reported already.
      if (Object.hasOwn(declared, name)) return undefined
      const suggestion = suggestExternal(name)
      report(unknownDestination(placeAt(node), { kind: 'external system', name, suggestion }))
      return undefined
    }
    if (kind === 'workload') {
      const selector = surroundings.services.get(name)
      const [namespace = ''] = name.split('/', 1)
      if (selector !== undefined)
        return { kind: 'surrounding-service', name, namespace, selector, origin: node }
      const suggestion = suggestSurrounding(name)
      report(unknownDestination(placeAt(node), { kind: 'surrounding service', name, suggestion }))
      return undefined
    }
    const service = services.get(word)
    if (service !== undefined) return { kind: 'service', service, origin: node }
    const suggestion = externalByKey.has(word)
      ? { help: `did you mean \`external/${word}\`?`, word: `external/${word}` }
      : suggestService(word)
    report(unknownDestination(placeAt(node), { kind: 'service', name: word, suggestion }))
    return undefined
  }
}

/** Finds the conditions of an expectation on a token that it expects to be missing. `owner`: the words for it in a message. */
export function findExclusiveConditions(
  { jwt, issuers, claims }: { readonly jwt?: unknown; readonly issuers?: unknown; readonly claims?: unknown },
  origin: SpecNode,
  owner: string,
): readonly Diagnostic[] {
  if (jwt === undefined) return []
  const fields = [...(issuers === undefined ? [] : ['issuers']), ...(claims === undefined ? [] : ['claims'])]
  const help = 'write two expectations: one for requests without a token, and one for those with it'
  const related = { at: placeAtKey(origin.at('jwt')), message: 'it is about requests without a token' }
  return fields.map(field =>
    exclusiveFields(placeAtKey(origin.at(field)), { owner, first: 'jwt: missing', second: field, help }, [
      related,
    ]),
  )
}
