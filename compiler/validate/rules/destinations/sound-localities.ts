import { isOverlapping } from '../../../mesh/localities.ts'
import type { LocalityPreference } from '../../../mesh/mesh.ts'
import type { SpecNode } from '../../../mesh/sourced.ts'
import { makeKeyParty, placeAtKey } from '../../../mesh/spec-place.ts'
import { findWrittenPlace } from '../../places.ts'
import { defineRule } from '../../rule.ts'

/** See validateLocalityLbSetting in pkg/config/validation/agent/validation.go of istio/istio. */
export const soundLocalities = defineRule<{ message: string; help: string }>(
  {
    code: 'MESH3204',
    severity: 'error',
    summary: 'Localities have either `failover` or `distribute`, and shares that add up to 100%',
    reads: ['defaults.loadBalancing'],
    message: p => p.message,
    help: p => p.help,
  },
  function* (_, report, { balancing }) {
    for (const { locality } of balancing)
      for (const { at, earlier, message, help } of locality === undefined ? [] : listLocalityFaults(locality))
        yield report(
          placeAtKey(at),
          { message, help },
          earlier === undefined ? [] : [makeKeyParty(earlier, 'the other one')],
        )
  },
)

interface LocalityFault {
  readonly at: SpecNode
  readonly earlier?: SpecNode
  readonly message: string
  readonly help: string
}

function* listLocalityFaults({
  origin,
  word,
  failover,
  distribute,
}: LocalityPreference): Iterable<LocalityFault> {
  if (word === undefined && failover.length + distribute.length === 0)
    yield {
      at: origin,
      message: 'this `locality` sets nothing',
      help: 'set `failover` or `distribute`, or write `zone-first` or `off`',
    }
  if (failover.length > 0 && distribute.length > 0)
    yield {
      at: origin.at('distribute'),
      earlier: origin.at('failover'),
      message: '`distribute` and `failover` exclude each other',
      help: 'keep one of them: shares stay as they are, whatever fails',
    }
  for (const [from, to] of failover)
    if (to.value === from)
      yield {
        at: findWrittenPlace(to)!,
        message: `\`${from}\` cannot take its own requests when it fails`,
        help: 'name another region',
      }
  yield* listOverlaps(distribute.map(({ from, origin }) => ({ locality: from.value, at: origin })))
  for (const { origin, from, to } of distribute) {
    yield* listOverlaps(to.map(([locality, share]) => ({ locality, at: findWrittenPlace(share)! })))
    const total = to.reduce((sum, [, { value }]) => sum + value, 0)
    if (total !== 100)
      yield {
        at: origin,
        message: `the shares of \`${from.value}\` add up to ${total}%, not 100%`,
        help: 'change the shares so that they add up to 100%',
      }
  }
}

function* listOverlaps(
  localities: readonly { readonly locality: string; readonly at: SpecNode }[],
): Iterable<LocalityFault> {
  for (const [index, { locality, at }] of localities.entries()) {
    const overlapping = localities.slice(0, index).find(each => isOverlapping(each.locality, locality))
    if (overlapping !== undefined)
      yield {
        at,
        earlier: overlapping.at,
        message: `\`${locality}\` and \`${overlapping.locality}\` overlap`,
        help: 'list each place once',
      }
  }
}
