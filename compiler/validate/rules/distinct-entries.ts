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
    for (const list of lists(mesh)) {
      for (const [entry, other] of repeated(list, ({ text }) => text)) {
        const related = { at: at(other.origin), message: 'the other one' }
        yield report(at(entry.origin), { entry: entry.text }, [related])
      }
    }
  },
)

interface Entry {
  readonly text: string
  readonly origin: SpecNode
}

function* lists(mesh: Mesh): Iterable<readonly Entry[]> {
  for (const { hosts } of mesh.gateways) yield entries(hosts)
  const seen = new Set<Retries>()
  for (const { routes, fault, exposures, jwt, allow } of mesh.services) {
    for (const { when, headers, retries } of routes) {
      yield* listsOfMatch(when)
      yield* listsOfHeaders(headers)
      if (!seen.has(retries)) {
        seen.add(retries)
        yield conditions(retries)
      }
    }
    yield* listsOfMatch(fault?.when)
    for (const { paths, headers, cors } of exposures) {
      yield entries(paths)
      yield* listsOfHeaders(headers)
      yield* listsOfCors(cors)
    }
    if (jwt !== undefined) yield entries(jwt.audiences)
    for (const { methods, paths, ports, claims } of allow) {
      yield entries(methods)
      yield entries(paths)
      yield ports.map(({ origin, port }) => ({ text: port.key, origin }))
      for (const [, values] of claims) yield entries(values)
    }
  }
  for (const { hosts, addresses, policy } of mesh.externals) {
    yield entries(hosts)
    yield entries(addresses)
    if (!seen.has(policy.retries)) {
      seen.add(policy.retries)
      yield conditions(policy.retries)
    }
  }
}

function* listsOfMatch(match: Match | undefined): Iterable<readonly Entry[]> {
  if (match === undefined) return
  yield entries(match.methods)
  yield entries(match.paths)
  yield entries(match.withoutHeaders)
}

function* listsOfHeaders(changes: HeaderChanges | undefined): Iterable<readonly Entry[]> {
  if (changes === undefined) return
  yield entries(changes.request.remove)
  yield entries(changes.response.remove)
}

function* listsOfCors(cors: Cors | undefined): Iterable<readonly Entry[]> {
  if (cors === undefined) return
  for (const list of [cors.origins, cors.methods, cors.headers, cors.exposeHeaders]) yield entries(list)
}

/** The entries of a list that the spec writes; none for a list that cannot repeat itself. */
function entries(list: readonly Sourced<string | StringMatch>[]): readonly Entry[] {
  if (list.length < 2) return []
  return list.map(entry => ({
    text: typeof entry.value === 'string' ? entry.value : writtenMatch(entry.value),
    origin: writtenAt(entry)!,
  }))
}

function conditions({ on }: Retries): readonly Entry[] {
  const list = writtenAt(on)
  return list === undefined ? [] : on.value.map((text, index) => ({ text, origin: list.at(index) }))
}
