import type { MeshSpec } from '../../schema/spec/mesh.ts'
import { readName } from '../mesh/caller.ts'
import type { Callee, Caller, Expectation, External, Service } from '../mesh/mesh.ts'
import { SpecNode } from '../mesh/sourced.ts'
import type { FindCaller } from './callers.ts'
import { requiredField, unknownDestination } from './diagnostics.ts'
import { at, nothing, type Report, said } from './fields.ts'
import { pathMatch } from './match.ts'
import { nearestAfter, suggestions } from './suggestions.ts'

/** What expectations speak of. */
export interface ExpectationContext {
  readonly services: ReadonlyMap<string, Service>
  readonly externals: readonly External[]
  /** Those of the spec, with those in which something is wrong. */
  readonly declared: MeshSpec['external']
  readonly findCaller: FindCaller
}

/** What must be true of the mesh, in the order of the spec. */
export function resolveExpectations(
  spec: MeshSpec['expect'],
  { services, externals, declared = {}, findCaller }: ExpectationContext,
  report: Report,
): readonly Expectation[] {
  if (spec === undefined) return nothing
  const externalByKey = new Map(externals.map(external => [external.key, external]))
  const suggestService = suggestions(() => [...services.keys()])
  const suggestExternal = suggestions(() => [...externalByKey.keys()], nearestAfter('external/'))
  const node = new SpecNode(undefined, 'expect')
  return spec.flatMap((written, index) => {
    const origin = node.at(index)
    const to = destinationOf(written.to, origin.at('to'))
    const only = written.only?.flatMap((word, index) => findCaller(word, origin.at('only').at(index)) ?? [])
    const from: Caller | undefined =
      written.from === undefined ? undefined : findCaller(written.from, origin.at('from'))
    if (written.only === undefined && written.from === undefined) {
      const owner = `the expectation about \`${written.to}\``
      report(requiredField(at(origin), { owner, field: '`only` or `from`', example: 'only: [my-api]' }))
    }
    if (to === undefined) return []
    return {
      origin,
      to,
      only,
      from,
      method: said(written, origin, 'method'),
      path: said(written, origin, 'path')?.map(pathMatch),
      reason: said(written, origin, 'because'),
    }
  })

  function destinationOf(word: string, node: SpecNode): Callee | undefined {
    const { kind, name } = readName(word)
    if (kind === 'external') {
      const external = externalByKey.get(name)
      if (external !== undefined) return { kind: 'external', external, origin: node }
      // What is wrong with it is reported already.
      if (Object.hasOwn(declared, name)) return undefined
      const suggestion = suggestExternal(name)
      report(unknownDestination(at(node), { kind: 'external system', name, suggestion }))
      return undefined
    }
    const service = services.get(word)
    if (service !== undefined) return { kind: 'service', service, origin: node }
    const suggestion = externalByKey.has(word)
      ? { help: `did you mean \`external/${word}\`?`, word: `external/${word}` }
      : suggestService(word)
    report(unknownDestination(at(node), { kind: 'service', name: word, suggestion }))
    return undefined
  }
}
