import { type Limits, usualLimits } from '../../compiler/behavior/budget.ts'
import { parseDuration } from '../../compiler/mesh/duration.ts'
import { parseMemory } from '../../compiler/mesh/quantity.ts'
import { readClock, readWorkClock } from './clock.ts'
import type { Options } from './command.ts'
import { Failure } from './failure.ts'

/** All questions of a command together may take as long as so many questions. */
const questionsOfCommand = usualLimits.total / usualLimits.time

/** The limits of a call, from now on. A command without the options has the usual limits. */
export function readLimits(options: Options): Limits {
  const duration = options.word('time-limit')
  const size = options.word('memory-limit')
  const time =
    duration === undefined
      ? usualLimits.time
      : parseDuration(
          getAmount(
            '--time-limit',
            duration,
            /^[1-9]\d{0,5}(ms|s|m|h)$/,
            'a duration, as in `500ms`, `10s` or `2m`',
          ),
        )
  const memory =
    size === undefined
      ? usualLimits.memory
      : parseMemory(
          getAmount('--memory-limit', size, /^[1-9]\d{0,5}(Ki|Mi|Gi)$/, 'a size, as in `64Mi` or `1Gi`'),
        )
  const total = time * questionsOfCommand
  return { time, total, memory, ...clocksFor(total) }
}

/** The limits of an editor, from now on: a person waits for it after every key. */
export function getEditorLimits(): Limits {
  const total = 2000
  return { time: 500, total, memory: 32 * 2 ** 20, ...clocksFor(total) }
}

function clocksFor(total: number): Pick<Limits, 'clock' | 'isOver'> {
  const end = readClock() + total
  return { clock: readWorkClock, isOver: () => readClock() > end }
}

function getAmount(flag: string, word: string, shape: RegExp, what: string): string {
  if (shape.test(word)) return word
  throw new Failure(`\`${flag}\` is \`${word}\``, `it is ${what}`)
}
