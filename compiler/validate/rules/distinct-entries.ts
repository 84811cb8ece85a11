import type { Allow, Cors, HeaderChanges, Match, Mesh, Retries, StringMatch } from '../../mesh/mesh.ts'
import type { Sourced, SpecNode } from '../../mesh/sourced.ts'
import { writtenMatch } from '../../mesh/string-match.ts'
import type { Parts } from '../parts.ts'
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
  function* (mesh, report, parts) {
    for (const { entries, textOf, originOf } of lists(mesh, parts)) {
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

function* lists({ gateways, externals }: Mesh, parts: Parts): Iterable<List> {
  for (const { hosts } of gateways) yield* values(hosts)
  for (const { match } of parts.matches) yield* listsOfMatch(match)
  for (const changes of parts.headerChanges) yield* listsOfHeaders(changes)
  for (const { retries } of parts.times) yield* conditions(retries)
  for (const { exposure } of parts.exposures) {
    yield* values(exposure.paths)
    yield* listsOfCors(exposure.cors)
  }
  for (const { jwt } of parts.jwts) yield* values(jwt.audiences)
  for (const { methods, paths, ports, claims } of parts.listingRules) {
    yield* values(methods)
    yield* values(paths)
    yield* named(ports)
    for (const [, accepted] of claims) yield* values(accepted)
  }
  for (const { hosts, addresses } of externals) {
    yield* values(hosts)
    yield* values(addresses)
  }
}

function* listsOfMatch(match: Match): Iterable<List> {
  yield* values(match.methods)
  yield* values(match.paths)
  yield* values(match.withoutHeaders)
}

function* listsOfHeaders(changes: HeaderChanges): Iterable<List> {
  yield* values(changes.request.remove)
  yield* values(changes.response.remove)
}

function* listsOfCors(cors: Cors | undefined): Iterable<List> {
  if (cors === undefined) return
  for (const list of [cors.origins, cors.methods, cors.headers, cors.exposeHeaders]) yield* values(list)
}

type Written = Sourced<string | StringMatch>

const textOf = ({ value }: Written) => (typeof value === 'string' ? value : writtenMatch(value))
const originOf = (entry: Written) => writtenAt(entry)!

function* values(entries: readonly Written[]): Iterable<List> {
  if (entries.length > 1) yield list({ entries, textOf, originOf })
}

function* named(ports: Allow['ports']): Iterable<List> {
  if (ports.length < 2) return
  yield list({ entries: ports, textOf: ({ port }) => port.key, originOf: ({ origin }) => origin })
}

function* conditions({ on }: Retries): Iterable<List> {
  const place = writtenAt(on)
  if (place === undefined || on.value.length < 2) return
  const entries = on.value.map((text, index) => ({ text, origin: place.at(index) }))
  yield list({ entries, textOf: ({ text }) => text, originOf: ({ origin }) => origin })
}

/** A list whose entries only its own functions look into. */
const list = <Entry>(list: List<Entry>): List => list as List
