import type { Allow, Cors, Mesh, Retries, StringMatch } from '../../../mesh/mesh.ts'
import { from, type Sourced, type SpecNode } from '../../../mesh/sourced.ts'
import { placeAt } from '../../../mesh/spec-place.ts'
import { printMatch } from '../../../mesh/string-match.ts'
import type { Parts } from '../../parts.ts'
import { findWrittenPlace } from '../../places.ts'
import { findRepeated } from '../../repeated.ts'
import { defineRule } from '../../rule.ts'

/** A repeated entry is usually a slip for another entry. For Istio, it often makes the object invalid. */
export const distinctEntries = defineRule<{ entry: string }>(
  {
    code: 'MESH3105',
    severity: 'error',
    summary: 'A list has no duplicate entries',
    covers: ['IST0131', 'IST0145', 'KIA0301'],
    message: p => `\`${p.entry}\` is in this list twice`,
    help: () => 'remove one of the two',
    fix: (_, at) => ({ title: 'remove the second', edits: [{ change: 'remove', at }] }),
  },
  function* (mesh, report, parts) {
    for (const { entry, origin, earlier: specNode } of repetitions(mesh, parts)) {
      yield report(placeAt(origin), { entry }, [{ at: placeAt(specNode), message: 'the other one' }])
    }
  },
)

/** An entry of a list, and the place of its duplicate. */
interface Repetition {
  readonly entry: string
  readonly origin: SpecNode
  readonly earlier: SpecNode
}

function repetitions({ istio, gateways, externals, authorizers }: Mesh, parts: Parts): readonly Repetition[] {
  const foundRepetitions: Repetition[] = []
  look(istio.pullSecrets)
  for (const { hosts, passthrough, certificates } of gateways) {
    for (const list of [hosts, passthrough]) look(list)
    for (const { key, hosts } of certificates) if (key !== undefined) look(hosts)
  }
  for (const { match } of parts.matches) {
    look(match.methods)
    look(match.paths)
    look(match.withoutHeaders)
    for (const [, values] of match.claims) look(values)
  }
  for (const { request, response } of parts.headerChanges) {
    look(request.remove)
    look(response.remove)
  }
  for (const { retries } of parts.times) lookAtConditions(retries)
  for (const { exposure } of parts.exposures) {
    look(exposure.paths)
    if (exposure.cors !== undefined) lookAtCors(exposure.cors)
  }
  for (const jwt of [...parts.jwts, ...gateways].map(({ jwt }) => jwt)) {
    look(jwt?.issuers.flatMap(({ name, origin }) => (name === undefined ? [] : from(origin, name))) ?? [])
    for (const { audiences } of jwt?.issuers.slice(0, 1) ?? []) look(audiences)
  }
  for (const { methods, paths, ports, issuers, claims, headers } of parts.listingRules) {
    look(methods)
    look(paths)
    lookAtPorts(ports)
    look(issuers)
    for (const [, values] of [...claims, ...headers]) look(values)
  }
  for (const { deny } of [...parts.denying, ...gateways]) {
    for (const denial of deny) {
      look(denial.methods)
      look(denial.paths)
      lookAtPorts(denial.ports)
      for (const [, values] of [...denial.claims, ...denial.headers]) look(values)
      look(denial.clientAddresses)
      look(denial.exceptClientAddresses)
      look(denial.peerAddresses)
    }
  }
  for (const { authorize } of [...parts.asking, ...gateways]) {
    for (const requests of authorize?.requests ?? []) {
      look(requests.methods)
      look(requests.exceptMethods)
      look(requests.paths)
      look(requests.exceptPaths)
      lookAtPorts(requests.ports)
      for (const [, values] of requests.headers) look(values)
    }
  }
  for (const { sendHeaders, forwardHeaders, refusalHeaders, responseHeaders } of authorizers)
    for (const list of [sendHeaders, forwardHeaders, refusalHeaders, responseHeaders]) look(list)
  for (const { hosts, addresses } of externals) {
    look(hosts)
    look(addresses)
  }
  return foundRepetitions

  function look(list: readonly Written[]): void {
    for (const [entry, written] of findRepeated(list, getText)) {
      foundRepetitions.push({
        entry: getText(entry),
        origin: findWrittenPlace(entry)!,
        earlier: findWrittenPlace(written)!,
      })
    }
  }

  function lookAtPorts(ports: Allow['ports']): void {
    for (const [entry, earlier] of findRepeated(ports, ({ port }) => port.key)) {
      foundRepetitions.push({ entry: entry.port.key, origin: entry.origin, earlier: earlier.origin })
    }
  }

  function lookAtCors({ origins, methods, headers, exposeHeaders }: Cors): void {
    for (const list of [origins, methods, headers, exposeHeaders]) look(list)
  }

  function lookAtConditions({ on }: Retries): void {
    if (findRepeated(on.value, condition => condition).length === 0) return
    const list = findWrittenPlace(on)!
    const entries = on.value.map((entry, index) => ({ entry, origin: list.at(index) }))
    for (const [{ entry, origin }, earlier] of findRepeated(entries, ({ entry }) => entry)) {
      foundRepetitions.push({ entry, origin, earlier: earlier.origin })
    }
  }
}

type Written = Sourced<string | StringMatch>

const getText = ({ value }: Written) => (typeof value === 'string' ? value : printMatch(value))
