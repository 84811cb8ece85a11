import { readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { hostname } from 'node:os'
import { setTimeout as sleep } from 'node:timers/promises'
import { clock } from '../clock.ts'
import { attempt, Failure, isSystemError } from '../failure.ts'

/** The right to write into an output folder, until it is given back. */
export interface Turn {
  release(): void
}

/** A file, and what to call it in a message. */
export interface TurnFile {
  readonly file: string
  readonly name: string
}

/** The files of the turns that this process holds. */
const held = new Set<string>()

/** No build holds its turn so long: a file that old was left by one that was killed. */
const longestTurn = 10 * 60_000

/**
 * Waits until no other process holds a turn, and takes it. A turn whose holder is gone is free.
 *
 * @param turn the file that is there while the turn is held
 * @param patience how long to wait, in milliseconds
 */
export async function takeTurn({ file, name }: TurnFile, patience = 30_000): Promise<Turn> {
  const mine = JSON.stringify({ process: process.pid, host: hostname() })
  const deadline = clock() + patience
  for (;;) {
    if (attempt(`\`${name}\` cannot be made`, () => isCreated(file, mine))) break
    const holder = holderOf(file)
    if (holder === undefined) continue
    if (!holder.isAlive) removeStale(file, holder.text)
    else if (clock() > deadline) {
      const help = `wait for it; if no build is running, remove \`${name}\``
      throw new Failure(`another build${holder.name} is writing here`, help)
    } else await sleep(25)
  }
  held.add(file)
  return {
    release() {
      held.delete(file)
      rmSync(file, { force: true })
    },
  }
}

function isCreated(file: string, content: string): boolean {
  try {
    writeFileSync(file, content, { flag: 'wx' })
    return true
  } catch (error) {
    if (isSystemError(error) && error.code === 'EEXIST') return false
    throw error
  }
}

interface Holder {
  readonly text: string
  readonly name: string
  readonly isAlive: boolean
}

/** Who holds the turn; undefined if it was given back meanwhile. */
function holderOf(file: string): Holder | undefined {
  try {
    const text = readFileSync(file, 'utf8')
    const age = Date.now() - statSync(file).mtimeMs
    const { process: id, host } = parsed(text)
    // A file without content is about to get it, unless its writer was killed right there.
    if (id === undefined) return { text, name: '', isAlive: age < 5_000 }
    const isAlive = age < longestTurn && (host !== hostname() || isRunning(id, file))
    return { text, name: ` (process ${id}${host === hostname() ? '' : ` on ${host}`})`, isAlive }
  } catch (error) {
    if (isSystemError(error) && error.code === 'ENOENT') return undefined
    throw error
  }
}

function parsed(text: string): { readonly process?: number; readonly host?: string } {
  try {
    const value: unknown = JSON.parse(text)
    if (typeof value !== 'object' || value === null) return {}
    if (!('process' in value) || !('host' in value)) return {}
    const { process, host } = value
    return typeof process === 'number' && typeof host === 'string' ? { process, host } : {}
  } catch {
    return {}
  }
}

function isRunning(id: number, file: string): boolean {
  // Unless it holds the turn, this process has the number of one that is gone: containers count from 1 each time.
  if (id === process.pid) return held.has(file)
  try {
    process.kill(id, 0)
    return true
  } catch (error) {
    return isSystemError(error) && error.code === 'EPERM'
  }
}

/** Two may find the same stale file: each moves away what it finds, and one that moved a live turn puts it back. */
function removeStale(file: string, text: string): void {
  const aside = `${file}.${process.pid}`
  try {
    renameSync(file, aside)
    if (readFileSync(aside, 'utf8') === text) rmSync(aside)
    else renameSync(aside, file)
  } catch (error) {
    if (!isSystemError(error) || error.code !== 'ENOENT') throw error
  }
}
