import { closeSync, openSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { takeTurn } from '../../bin/output/exclusive.ts'

/*
 * Takes the turn of a folder `<rounds>` times. Each time, leaves claims of processes that have ended. Prints
 * how often another process had the turn at the same time. Its arguments are `<folder> <rounds>`.
 */

const [, , folder = '', rounds] = process.argv
const gone = 2 ** 22 + 7

void takeTurns()

async function takeTurns(): Promise<void> {
  let overlaps = 0
  for (let round = 0; round < Number(rounds); round++) {
    const turn = await takeTurn({ file: join(folder, 'turn'), name: 'turn' }, 120_000)
    const inside = join(folder, 'inside')
    try {
      closeSync(openSync(inside, 'wx'))
    } catch {
      overlaps++
    }
    const claim = readdirSync(folder).find(name => name.includes(`-${process.pid}-`))
    for (const _ of [1, 2, 3]) {
      const token = Math.random().toString(16).slice(2).padEnd(8, '0').slice(0, 8)
      writeFileSync(
        join(folder, `${claim}`.replace(`-${process.pid}-`, `-${gone}-`).replace(/[^-]+$/, token)),
        '',
      )
      await sleep(3)
    }
    rmSync(inside, { force: true })
    turn.release()
  }
  process.stdout.write(`${overlaps}`)
}
