import { createHash, randomUUID } from 'node:crypto'
import { closeSync, lutimesSync, mkdirSync, openSync, readFileSync, readlinkSync, rmSync } from 'node:fs'
import { hostname } from 'node:os'
import { basename, dirname, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { once } from '../../compiler/basics/once.ts'
import { readClock } from '../cli/clock.ts'
import { Failure } from '../cli/failure.ts'
import { lstatIfThere } from '../files/stat-if-there.ts'
import { attempt, isSystemError } from '../files/system-error.ts'
import { removeTree } from './remove-tree.ts'
import { listFolderNames } from './tree.ts'

/**
 * A process that wants to write makes a file of its own beside the folder, a *claim*, and then looks for claims of others. It has the
 * turn if there is none. Of two processes, the one with the later claim finds the claim of the other, so both never have the turn. If
 * both find each other, both remove their claims and try again. The name of a claim has all data. No claim is ever opened, so its
 * content does not matter. No two claims have the same name, so any process can remove the claim of an ended process at any time.
 */

/** The right to write into an output folder, until it is given back. */
export interface Turn {
  release(): void
}

/** The place of claims: the prefix of their paths, and its name in a message. */
interface TurnPlace {
  readonly file: string
  readonly name: string
}

/** The claims of this process. */
const held = new Set<string>()

/** The interval in milliseconds at which the holder touches its claim, for processes that cannot see the holder. */
const heartbeat = 2_000
/** A claim without a touch for so long, in milliseconds, was left, if nothing else is known of its process. */
const longestSilence = 20_000

/**
 * Waits until no other process has the turn, and takes it. An ended process has no turn.
 *
 * @param patience how long to wait, in milliseconds
 * @throws Failure if another process keeps it all the time
 */
export async function takeTurn({ file, name }: TurnPlace, patience = 30_000): Promise<Turn> {
  const deadline = readClock() + patience
  for (;;) {
    const claim = otherClaim(file) === undefined ? makeClaim(file, name) : undefined
    const otherOtherClaim = otherClaim(file, claim)
    if (claim !== undefined && otherOtherClaim === undefined) return getTurn(claim)
    if (claim !== undefined) withdraw(claim)
    if (otherOtherClaim !== undefined && readClock() > deadline) {
      const path = join(dirname(name), basename(otherOtherClaim.path)).replaceAll('\\', '/')
      const help = `wait for it; if no build is running, remove \`${path}\``
      throw new Failure(
        `another build (process ${otherOtherClaim.process}${otherOtherClaim.isHere ? '' : ' elsewhere'}) is writing here`,
        help,
      )
    }
    // Two claims that met must not meet again.
    await sleep(5 + 20 * Math.random())
  }
}

/** Tells whether a process has the turn, as far as a single look shows. */
export const isTurnTaken = (file: string): boolean => otherClaim(file) !== undefined

/** Tells whether a name is that of a claim with a prefix. */
export const isClaim = (name: string, prefix: string): boolean => claimIn(name, prefix) !== null

function getTurn(claim: string): Turn {
  const beat = setInterval(() => {
    const now = new Date()
    try {
      lutimesSync(claim, now, now)
    } catch (error) {
      if (!isSystemError(error)) throw error
    }
  }, heartbeat).unref()
  return {
    release() {
      clearInterval(beat)
      withdraw(claim)
    },
  }
}

function makeClaim(file: string, name: string): string {
  const claim = `${file}-${here()}-${process.pid}-${findStart(process.pid) ?? 0}-${randomUUID().slice(0, 8)}`
  attempt(`\`${name}\` cannot be made`, () => {
    // A build that failed takes away the folder that it made.
    mkdirSync(dirname(file), { recursive: true })
    closeSync(openSync(claim, 'wx'))
  })
  held.add(claim)
  return claim
}

function withdraw(claim: string): void {
  held.delete(claim)
  rmSync(claim, { force: true })
}

interface Claim {
  readonly path: string
  readonly process: number
  /** True if the process would be seen here. */
  readonly isHere: boolean
}

/** The time when each claim was last touched, by the clock of its disk, and since when that is known, by ours. */
const silence = new Map<string, { readonly touched: bigint; readonly since: number }>()

/** A claim of another running process. Claims of ended processes are removed. */
function otherClaim(file: string, ownClaim?: string): Claim | undefined {
  const prefix = basename(file)
  for (const name of listFolderNames(dirname(file))) {
    const [, home, id, start] = claimIn(name, prefix) ?? []
    const path = join(dirname(file), name)
    if (home === undefined || id === undefined || start === undefined || path === ownClaim) continue
    const claim = { path, process: Number(id), isHere: home === here() }
    const isAlive = held.has(path) || (isProcessRunning(claim, start) ?? isTouched(path))
    if (isAlive) return claim
    try {
      removeTree(path)
    } catch (error) {
      // A file that cannot be removed is passed over each time.
      if (!isSystemError(error)) throw error
    }
  }
  return undefined
}

const claimIn = (name: string, prefix: string) =>
  name.startsWith(prefix) ? claimPattern.exec(name.slice(prefix.length)) : null

/** The computer, its start, the container, the process, when that was started, and a random part. */
const claimPattern = /^-([0-9a-f]{12})-([1-9]\d{0,8})-(\d+)-[0-9a-f]{8}$/

/** Tells whether the process of a claim runs; undefined where that cannot be known. */
function isProcessRunning({ process: id, isHere }: Claim, start: string): boolean | undefined {
  if (!isHere) return undefined
  // Its claims are known: this one is of a process that had the same number.
  if (id === process.pid) return false
  try {
    process.kill(id, 0)
  } catch (error) {
    if (!isSystemError(error) || error.code !== 'EPERM') return false
  }
  const now = findStart(id)
  // The system reuses numbers of processes, and only Linux reports when a process was started.
  return now === undefined ? undefined : now === start
}

/** Finds when a process was started, in ticks since the start of the system; undefined where that cannot be known. */
function findStart(id: number): string | undefined {
  const stat = textOfSystem(`/proc/${id}/stat`)
  // See proc_pid_stat(5): the name of the program is in brackets and may contain any character.
  const [state, ...fields] = stat?.slice(stat.lastIndexOf(')') + 2).split(' ') ?? []
  // A zombie runs no more: its parent has not asked for its end.
  return state === 'Z' || state === 'X' ? 'ended' : fields[18]
}

/** Tells whether the process of a claim has touched it lately. No times are compared: clocks of two computers differ. */
function isTouched(path: string): boolean {
  const touched = lstatIfThere(path)?.mtimeNs
  if (touched === undefined) return false
  const before = silence.get(path)
  if (before?.touched === touched) return readClock() - before.since < longestSilence
  silence.set(path, { touched, since: readClock() })
  return true
}

/** Names the place where numbers of processes mean the same: this computer since its start, and this container of it. */
const here = once(() => {
  const parts = [hostname(), textOfSystem('/proc/sys/kernel/random/boot_id'), namespaceOfProcesses()]
  return createHash('sha256').update(parts.join('\n')).digest('hex').slice(0, 12)
})

function textOfSystem(path: string): string | undefined {
  try {
    return readFileSync(path, 'latin1')
  } catch (error) {
    if (isSystemError(error)) return undefined
    throw error
  }
}

function namespaceOfProcesses(): string | undefined {
  try {
    return readlinkSync('/proc/self/ns/pid')
  } catch (error) {
    if (isSystemError(error)) return undefined
    throw error
  }
}
