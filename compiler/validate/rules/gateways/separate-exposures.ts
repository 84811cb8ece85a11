import type { DiagnosticFactory } from '../../../diagnostics/diagnostic.ts'
import type { Exposure, Passage, StringMatch } from '../../../mesh/mesh.ts'
import type { Sourced } from '../../../mesh/sourced.ts'
import { placeAt } from '../../../mesh/spec-place.ts'
import { printMatch } from '../../../mesh/string-match.ts'
import type { Parts } from '../../parts.ts'
import { findWrittenPlace } from '../../places.ts'
import { findRepeated } from '../../repeated.ts'
import { defineRule } from '../../rule.ts'

/** A way through a gateway that two services have: a path of a host, the TLS of a host, or a port. */
interface SharedWay {
  host: string
  gateway: string
  path: string
  service: string
  otherName: string
  kind: 'request' | 'host' | 'port'
}

/** The gateway would reach one of two services on one path of a host, and the spec does not decide which. */
export const separateExposures = defineRule<SharedWay>(
  {
    code: 'MESH3302',
    severity: 'error',
    summary: 'A path of a host at a gateway leads to one service',
    covers: ['KIA1106'],
    message: p => {
      if (p.kind !== 'request') {
        const what = p.kind === 'host' ? `the TLS of \`${p.host}\`` : `the port \`${p.host}\``
        return `${what} at the gateway \`${p.gateway}\` leads to \`${p.otherName}\` already`
      }
      const where = p.path === '/*' ? `\`${p.host}\`` : `\`${p.path}\` of \`${p.host}\``
      return `${where} at the gateway \`${p.gateway}\` leads to \`${p.otherName}\` already`
    },
    help: p =>
      p.kind === 'request'
        ? 'expose each service on `paths` of its own'
        : `give each service a ${p.kind} of its own`,
  },
  function* (_, report, { exposures, passages }) {
    yield* findSharedPassages(passages, report)
    const taken = new Map<
      string,
      { readonly service: string; readonly exposure: Exposure; readonly path: Path }
    >()
    for (const {
      service: { key: service },
      exposure,
    } of exposures) {
      const gateway = exposure.gateway.name.value
      const host = exposure.host.value
      const ownHosts = new Set<string>()
      for (const path of exposure.paths.length === 0 ? allPaths : exposure.paths) {
        const text = path === undefined ? '/*' : printMatch(path.value)
        // Another rule reports a repetition in one list.
        if (ownHosts.has(text)) continue
        ownHosts.add(text)
        const key = `${gateway} ${host} ${text}`
        const earlier = taken.get(key)
        if (earlier === undefined) {
          taken.set(key, { service, exposure, path })
          continue
        }
        const related = {
          at: getExposurePlace(earlier.exposure, earlier.path),
          message: `\`${earlier.service}\` is exposed here`,
        }
        const params = {
          host,
          gateway,
          path: text,
          service,
          otherName: earlier.service,
          kind: 'request' as const,
        }
        yield report(getExposurePlace(exposure, path), params, [related])
      }
    }
  },
)

/** Finds connections at a gateway that lead to two services. */
function* findSharedPassages(passages: Parts['passages'], report: DiagnosticFactory<SharedWay>) {
  const getWord = ({ by }: Passage) => (by.kind === 'host' ? by.host : by.word)
  const key = (passage: Passage) =>
    `${passage.gateway.name.value} ${passage.by.kind} ${getWord(passage).value}`
  for (const [later, earlier] of findRepeated(passages, ({ passage }) => key(passage))) {
    const word = getWord(later.passage)
    const related = {
      at: placeAt(findWrittenPlace(getWord(earlier.passage))!),
      message: `\`${earlier.service.key}\` is exposed here`,
    }
    const params = {
      host: word.value,
      gateway: later.passage.gateway.name.value,
      path: '',
      service: later.service.key,
      otherName: earlier.service.key,
      kind: later.passage.by.kind,
    }
    yield report(placeAt(findWrittenPlace(word)!), params, [related])
  }
}

type Path = Sourced<StringMatch> | undefined
const allPaths: readonly Path[] = [undefined]

const getExposurePlace = ({ host }: Exposure, path: Path) => placeAt(findWrittenPlace(path ?? host)!)
