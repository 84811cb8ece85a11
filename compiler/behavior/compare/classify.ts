import type { DestinationName } from '../pairs/names.ts'
import { listWay } from '../result.ts'
import { serializeRouting } from '../symbolic/fate-text.ts'
import type { Fate } from '../symbolic/tree.ts'
import type { Change, Section } from './difference.ts'

export interface Classified {
  readonly section: Section
  readonly change: Change
  /** The key of a change. Changes of one section with the same key can be shown as one. */
  readonly key: string
}

/** Classifies the difference of two fates of the same requests: each section at most once. */
export function classify(
  before: Fate,
  after: Fate,
  destination: DestinationName,
  isPlaintext: boolean,
  isSameCaller: boolean,
): readonly Classified[] {
  const isOutside =
    destination.isExternal || [before, after].some(({ outcomes }) => outcomes.some(isExternal))
  const access = classifyAccess(before, after)
  const classes: Classified[] = []
  const encryption = classifyEncryption(before, after, isPlaintext, isSameCaller)
  if (access !== undefined && !(isPlaintext && encryption !== undefined))
    classes.push({
      section: isOutside ? 'egress' : 'access',
      change: access,
      key: makeAccessKey(before, after),
    })
  const routing = classifyRouting(before, after)
  // A caller that newly reaches something is also routed elsewhere; that is one difference.
  if (routing !== undefined && (access === undefined || (getReach(before) > 0 && getReach(after) > 0)))
    classes.push({
      section: isOutside ? 'egress' : 'routing',
      change: routing,
      key: JSON.stringify([before, after].map(({ routing: each }) => each && serializeRouting(each))),
    })
  if (encryption !== undefined)
    classes.push({ section: 'mtls', change: encryption, key: makeEncryptionKey(before, after) })
  // A difference of no other class is still reported: nothing that differs is left out.
  if (classes.length === 0)
    classes.push({
      section: isOutside ? 'egress' : 'routing',
      change: 'changed',
      key: makeAccessKey(before, after),
    })
  return classes
}

type OneOutcome = Fate['outcomes'][number]

const isExternal = (outcome: OneOutcome) => listWay(outcome).some(({ workload }) => workload === 'external')
const isReached = ({ verdict }: OneOutcome) => verdict === 'ALLOW'

/** 0: the requests reach no destination; 1: they reach some of their destinations; 2: they reach all of them. */
export function getReach({ outcomes }: Fate): 0 | 1 | 2 {
  const reached = outcomes.filter(isReached).length
  return reached === 0 ? 0 : reached === outcomes.length ? 2 : 1
}

function classifyAccess(before: Fate, after: Fate): Change | undefined {
  const was = getReach(before)
  const is = getReach(after)
  if (is > was) return 'opened'
  if (is < was) return 'closed'
  if (was === 2) return undefined
  return serializeAnswers(before) === serializeAnswers(after)
    ? undefined
    : was === 0
      ? 'refused-otherwise'
      : 'opened'
}

/** Serializes the refused requests and their answers, without the destinations. */
export const serializeAnswers = ({ outcomes }: Fate): string =>
  [
    ...new Set(
      outcomes.filter(each => !isReached(each)).map(({ verdict, status }) => `${verdict} ${status ?? ''}`),
    ),
  ]
    .sort()
    .join()

const makeAccessKey = (before: Fate, after: Fate): string =>
  [before, after].map(fate => `${getReach(fate)} ${serializeAnswers(fate)}`).join(' > ')

function classifyRouting(before: Fate, after: Fate): Change | undefined {
  const [old, now] = [before, after].map(({ routing }) =>
    routing === undefined ? undefined : serializeRouting(routing),
  )
  if (JSON.stringify(old) === JSON.stringify(now)) return undefined
  const where = (routing: typeof old) => JSON.stringify(routing?.slice(0, 2))
  return where(old) === where(now) ? 'changed' : 'moved'
}

function classifyEncryption(
  before: Fate,
  after: Fate,
  isPlaintext: boolean,
  isSameCaller: boolean,
): Change | undefined {
  if (isPlaintext) {
    const was = before.outcomes.some(isRefusedPlaintext)
    const is = after.outcomes.some(isRefusedPlaintext)
    if (was === is || (was ? after : before).outcomes.some(isNobody)) return undefined
    return was ? 'weakened' : 'strengthened'
  }
  const was = getStrength(before)
  const is = getStrength(after)
  if (was !== undefined && is !== undefined && was !== is) return is < was ? 'weakened' : 'strengthened'
  if (was === undefined || is === undefined || !isSameCaller) return undefined
  return listPeers(before) === listPeers(after) ? undefined : 'identity'
}

/** A server that takes no plaintext. */
const isRefusedPlaintext = ({ verdict }: OneOutcome) => verdict === 'RESET'

/** Tells whether the destination is unreachable: it refuses nothing. */
const isNobody = ({ verdict }: OneOutcome) => verdict === 'UNREACHABLE'

/** The weakest encryption among the reached destinations; undefined if no destination is reached. */
function getStrength({ outcomes }: Fate): number | undefined {
  const strengths = outcomes
    .filter(isReached)
    .flatMap(listWay)
    .map(({ transport }) => (transport === 'mtls' ? 2 : transport === 'tls' ? 1 : 0))
  return strengths.length === 0 ? undefined : Math.min(...strengths)
}

const listPeers = ({ outcomes }: Fate): string =>
  [...new Set(outcomes.filter(isReached).map(({ peer }) => peer ?? ''))].sort().join()

const makeEncryptionKey = (before: Fate, after: Fate): string =>
  [before, after]
    .map(fate => `${getStrength(fate)} ${listPeers(fate)} ${fate.outcomes.some(isRefusedPlaintext)}`)
    .join(' > ')
