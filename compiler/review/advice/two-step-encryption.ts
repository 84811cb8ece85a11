import type { PeerAuthentication } from '../../behavior/model.ts'
import { type Advice, getObjectName, listDecidingObjects } from './advice.ts'

/**
 * Proxies do not get a change at the same time: in a direct change between these modes, a server refuses connections of clients with
 * the old mode.
 */
export const adviseTwoStepEncryption: Advice = advised =>
  advised.difference.section !== 'mtls'
    ? []
    : listDecidingObjects(advised, ({ peerAuthentications }) => peerAuthentications).flatMap(
        ({ before, after }) => {
          if (before === undefined || after === undefined) return []
          const [old, now] = [indexModes(before), indexModes(after)]
          return [...now].flatMap(([place, mode]) => {
            const former = old.get(place) ?? ''
            if (mode === former || !ends.has(mode) || !ends.has(former)) return []
            return [
              `${getObjectName(after)} goes from ${former} to ${mode} at once${place}: until all proxies know, what clients still send is refused. Change it to PERMISSIVE first, and then, when that has arrived everywhere, to ${mode}`,
            ]
          })
        },
      )

/** Modes that do not accept the connections of each other's clients. */
const ends: ReadonlySet<string> = new Set(['DISABLE', 'STRICT'])

/** Indexes the modes by a description of their scope. */
const indexModes = ({ mode, portLevel }: PeerAuthentication): ReadonlyMap<string, string> =>
  new Map<string, string>([
    ['', mode],
    ...[...portLevel].map(([port, mtlsMode]) => [` on port ${port}`, mtlsMode] as const),
  ])
