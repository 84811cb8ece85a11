import { weakMemo } from '../../basics/weak-memo.ts'
import { compare } from '../../diagnostics/compare.ts'
import { anyone } from '../pairs/assumed-callers.ts'
import type { CallerName, DestinationName } from '../pairs/names.ts'
import { makeUnmodelledKey } from '../symbolic/request-space.ts'
import type { Change, Comparison, Difference, RequestRegion, Section, UnknownPart } from './difference.ts'

/** Merges differences that differ only in the caller, or only in the destination, in the order of the report. */
export function mergeDifferences(
  differences: readonly Difference[],
  unknown: readonly UnknownPart[],
): Pick<Comparison, 'differences' | 'unknown'> {
  const byCaller = mergeAlike(differences, difference => [
    makeSamenessKey(difference),
    difference.destinations.map(serializeDestination),
  ])
  const byDestination = mergeAlike(byCaller, difference => [
    makeSamenessKey(difference),
    difference.callers.map(serializeCaller),
  ])
  const unknownByCaller = mergeAlike(unknown, part => [
    makeUnknownKey(part),
    part.destinations.map(serializeDestination),
  ])
  return {
    differences: byDestination
      .map(dropRepeated)
      .toSorted(
        (a, b) =>
          sections.indexOf(a.section) - sections.indexOf(b.section) ||
          changes.indexOf(a.change) - changes.indexOf(b.change) ||
          compare(
            a.destinations.map(serializeDestination).join(),
            b.destinations.map(serializeDestination).join(),
          ) ||
          compare(a.callers.map(serializeCaller).join(), b.callers.map(serializeCaller).join()) ||
          compare(regionWords(a.regions), regionWords(b.regions)),
      ),
    unknown: mergeAlike(unknownByCaller, part => [makeUnknownKey(part), part.callers.map(serializeCaller)]),
  }
}

/** Drops policy-only callers with a sidecar from a difference that "anyone else" already has. */
function dropRepeated(difference: Difference): Difference {
  const { callers } = difference
  if (!callers.some(caller => isAssumedCaller(caller) && isAssumedAnyone(caller))) return difference
  return {
    ...difference,
    callers: callers.filter(caller => !isAssumedCaller(caller) || isAssumedAnyone(caller)),
  }
}

const isAssumedCaller = (caller: CallerName): boolean =>
  caller.kind === 'workload' && caller.assumed && !caller.plaintext

const isAssumedAnyone = (caller: CallerName): boolean =>
  caller.kind === 'workload' &&
  caller.namespace === anyone.namespace &&
  caller.identity === undefined &&
  caller.like === undefined

const sections: readonly Section[] = ['access', 'routing', 'mtls', 'egress']
const changes: readonly Change[] = [
  'opened',
  'weakened',
  'closed',
  'moved',
  'changed',
  'refused-otherwise',
  'identity',
  'strengthened',
]

/** The regions of a part as one text. */
const regionWords = weakMemo((regions: readonly RequestRegion[]) =>
  JSON.stringify(regions.map(region => region.map(({ part, says }) => [part, says]))),
)

/** Makes the key that two differences share if they can be merged: the same change and causes, in the same words. */
const makeSamenessKey = ({
  section,
  change,
  regions,
  further,
  extent,
  causes,
  witness,
}: Difference): string =>
  JSON.stringify([
    section,
    change,
    regionWords(regions),
    further,
    extent,
    [causes.before, causes.after].map(side =>
      side.map(({ object, path }) => [object.kind, object.namespace, object.name, path]),
    ),
    [witness.before, witness.after].map(({ result }) => [
      result.route?.clusters.map(({ cluster, weight }) => [cluster, weight]),
      result.outcomes.map(({ verdict, status, workload, transport }) => [
        verdict,
        status,
        workload,
        transport,
      ]),
    ]),
  ])

const makeUnknownKey = ({ because, side, regions, further }: UnknownPart): string =>
  JSON.stringify([because.map(makeUnmodelledKey), side, regionWords(regions), further])

const serializeCaller = (caller: CallerName): string =>
  caller.kind === 'outside'
    ? `outside ${caller.gateway.namespace}/${caller.gateway.name} ${caller.scheme}`
    : [
        `${caller.namespace}/${caller.name}`,
        ...(caller.identity === undefined ? [] : [caller.identity]),
        ...(caller.like === undefined ? [] : [`like ${caller.like}`]),
        ...(caller.plaintext ? ['in plaintext'] : []),
      ].join(' ')

const serializeDestination = ({ host, port, protocol }: DestinationName): string =>
  `${host}:${port} ${protocol}`

function mergeAlike<
  Part extends { readonly callers: readonly CallerName[]; readonly destinations: readonly DestinationName[] },
>(parts: readonly Part[], keyOf: (part: Part) => unknown): readonly Part[] {
  const groups = new Map<string, Part>()
  for (const part of parts) {
    const key = JSON.stringify(keyOf(part))
    const first = groups.get(key)
    groups.set(
      key,
      first === undefined
        ? part
        : {
            ...first,
            callers: uniteByWords(first.callers, part.callers, serializeCaller),
            destinations: uniteByWords(first.destinations, part.destinations, serializeDestination),
          },
    )
  }
  return [...groups.values()]
}

function uniteByWords<Each>(
  first: readonly Each[],
  second: readonly Each[],
  wordsOf: (each: Each) => string,
): readonly Each[] {
  return [...new Map([...first, ...second].map(each => [wordsOf(each), each])).values()].sort((a, b) =>
    compare(wordsOf(a), wordsOf(b)),
  )
}
