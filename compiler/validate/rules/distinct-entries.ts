import type { Cors, HeaderChanges, Match, Mesh, Retries, StringMatch } from '../../mesh/mesh.ts'
import type { Sourced, SpecNode } from '../../mesh/sourced.ts'
import { writtenMatch } from '../../mesh/string-match.ts'
import { at, writtenAt } from '../places.ts'
import { repeated } from '../repeated.ts'
import { defineRule } from '../rule.ts'

/** A list that says a thing twice means another thing: a slip, and for Istio often an invalid object. */
export const distinctEntries = defineRule<{ entry: string }>(
  {
    code: 'MESH3105',
    severity: 'error',
    summary: 'A list says each thing once',
    covers: ['IST0131', 'IST0145', 'KIA0301'],
    message: p => `\`${p.entry}\` is in this list twice`,
    help: () => 'remove one of the two',
  },
  function* (mesh, report) {
    for (const { entries, textOf, originOf } of lists(mesh)) {
      for (const [entry, other] of repeated(entries, textOf)) {
        const related = { at: at(originOf(other)), message: 'the other one' }
        yield report(at(originOf(entry)), { entry: textOf(entry) }, [related])
      }
    }
  },
)

/** A list that the spec writes, with two entries at least. */
interface List<Entry = unknown> {
  readonly entries: readonly Entry[]
  textOf(entry: Entry): string
  originOf(entry: Entry): SpecNode
}

function* lists(mesh: Mesh): Iterable<List> {
  for (const { hosts } of mesh.gateways) yield* values(hosts)
  const seen = new Set<Retries>()
  for (const { routes, fault, exposures, jwt, allow } of mesh.services) {
    for (const { when, headers, retries } of routes) {
      yield* listsOfMatch(when)
      yield* listsOfHeaders(headers)
      if (!seen.has(retries)) {
        seen.add(retries)
        yield* conditions(retries)
      }
    }
    yield* listsOfMatch(fault?.when)
    for (const { paths, headers, cors } of exposures) {
      yield* values(paths)
      yield* listsOfHeaders(headers)
      yield* listsOfCors(cors)
    }
    if (jwt !== undefined) yield* values(jwt.audiences)
    for (const { methods, paths, ports, claims } of allow) {
      yield* values(methods)
      yield* values(paths)
      if (ports.length > 1)
        yield {
          entries: ports,
          textOf: ({ port }) => port.key,
          originOf: ({ origin }) => origin,
        } satisfies List<(typeof ports)[number]> as List
      for (const [, accepted] of claims) yield* values(accepted)
    }
  }
  for (const { hosts, addresses, policy } of mesh.externals) {
    yield* values(hosts)
    yield* values(addresses)
    if (!seen.has(policy.retries)) {
      seen.add(policy.retries)
      yield* conditions(policy.retries)
    }
  }
}

function* listsOfMatch(match: Match | undefined): Iterable<List> {
  if (match === undefined) return
  yield* values(match.methods)
  yield* values(match.paths)
  yield* values(match.withoutHeaders)
}

function* listsOfHeaders(changes: HeaderChanges | undefined): Iterable<List> {
  if (changes === undefined) return
  yield* values(changes.request.remove)
  yield* values(changes.response.remove)
}

function* listsOfCors(cors: Cors | undefined): Iterable<List> {
  if (cors === undefined) return
  for (const list of [cors.origins, cors.methods, cors.headers, cors.exposeHeaders]) yield* values(list)
}

type Written = Sourced<string | StringMatch>

function* values(entries: readonly Written[]): Iterable<List> {
  if (entries.length > 1) yield { entries, textOf, originOf } as List
}

const textOf = ({ value }: Written) => (typeof value === 'string' ? value : writtenMatch(value))
const originOf = (entry: Written) => writtenAt(entry)!

function* conditions({ on }: Retries): Iterable<List> {
  const list = writtenAt(on)
  if (list === undefined || on.value.length < 2) return
  yield {
    entries: on.value.map((text, index) => ({ text, origin: list.at(index) })),
    textOf: ({ text }) => text,
    originOf: ({ origin }) => origin,
  } satisfies List<{ readonly text: string; readonly origin: SpecNode }> as List
}
