import type { Place } from '../../../diagnostics/diagnostic.ts'
import type { HeaderChanges, Match } from '../../../mesh/mesh.ts'
import type { Sourced, SpecNode } from '../../../mesh/sourced.ts'
import { placeAt, placeAtKey } from '../../../mesh/spec-place.ts'
import type { Parts } from '../../parts.ts'
import { findWrittenPlace } from '../../places.ts'
import { defineRule } from '../../rule.ts'

/** Headers that belong to one connection, or that a proxy writes itself. See https://www.rfc-editor.org/rfc/rfc9110#section-7.6.1 */
const ofConnection = [
  'connection',
  'content-length',
  'keep-alive',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]

export const headerNames = defineRule<{ header: string; isChange: boolean }>(
  {
    code: 'MESH3113',
    severity: 'error',
    summary: 'A spec compares and changes only headers that a proxy sees and passes on',
    message: p =>
      p.header === 'host'
        ? '`host` is not a header for a proxy: it is the authority of the request'
        : `\`${p.header}\` belongs to the connection: a proxy does not pass it on`,
    help: p =>
      p.header !== 'host'
        ? `remove \`${p.header}\`: proxies write it themselves`
        : p.isChange
          ? 'to send another host, set `rewrite: { host: … }`'
          : 'remove it: a route belongs to one host already; at a gateway, `expose` names the host',
  },
  function* (_, report, parts) {
    for (const { header, place, isChange } of listHeaderMentions(parts)) {
      if (header === 'host' || ofConnection.includes(header)) yield report(place, { header, isChange })
    }
  },
)

interface Mention {
  readonly header: string
  readonly place: Place
  readonly isChange: boolean
}

function* listHeaderMentions({ matches, headerChanges, headerRules, balancing }: Parts): Iterable<Mention> {
  for (const { match } of matches) yield* compared(match)
  for (const { origin, headers } of headerRules)
    for (const [header] of headers)
      yield { header, place: placeAtKey(origin.at('headers').at(header)), isChange: false }
  for (const changes of headerChanges) yield* changed(changes)
  for (const { header } of balancing) {
    if (header !== undefined)
      yield { header: header.value, place: placeAt(getWrittenNode(header)), isChange: false }
  }
}

function* compared(match: Match): Iterable<Mention> {
  for (const [header, condition] of match.headers)
    yield { header, place: placeAtKey(getWrittenNode(condition)), isChange: false }
  for (const header of match.withoutHeaders)
    yield { header: header.value, place: placeAt(getWrittenNode(header)), isChange: false }
}

function* changed(changes: HeaderChanges): Iterable<Mention> {
  for (const { set, add, remove } of [changes.request, changes.response]) {
    for (const labels of [set, add]) {
      for (const [header, value] of labels)
        yield { header, place: placeAtKey(getWrittenNode(value)), isChange: true }
    }
    for (const header of remove)
      yield { header: header.value, place: placeAt(getWrittenNode(header)), isChange: true }
  }
}

const getWrittenNode = (value: Sourced<unknown>): SpecNode => findWrittenPlace(value)!
