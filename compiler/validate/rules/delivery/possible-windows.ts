import { placeAt } from '../../../mesh/spec-place.ts'
import { findWrittenPlace } from '../../places.ts'
import { defineRule } from '../../rule.ts'

/** Argo CD ignores the Applications of a project with a window that it cannot parse: it would sync nothing. */
export const possibleWindows = defineRule<{ what: string; help: string }>(
  {
    code: 'MESH3902',
    severity: 'error',
    summary: 'A sync window has a valid schedule and a valid time zone',
    message: p => p.what,
    help: p => p.help,
  },
  function* ({ delivery: { window } }, report) {
    if (window === undefined) return
    const { schedule, timeZone } = window
    for (const [index, text] of schedule.value.split(' ').entries()) {
      // A schedule has five fields.
      const field = cronFields[index]!
      if (text.split(',').every(part => isPossible(part, field))) continue
      const { name, least, most } = field
      yield report(placeAt(findWrittenPlace(schedule)!), {
        what: `\`${text}\` is not a valid ${name} of cron`,
        help: `a ${name} is a number from ${least} to ${most}, a range \`a-b\`, \`*\`, or one of these with \`/step\``,
      })
    }
    const texts = schedule.value.split(' ')
    const [, , days = '', months = '', weekdays = ''] = texts
    const arePossible = texts.every((text, index) =>
      text.split(',').every(part => isPossible(part, cronFields[index]!)),
    )
    if (arePossible && neverComes(days, months, weekdays))
      yield report(placeAt(findWrittenPlace(schedule)!), {
        what: `the month \`${months}\` has no day \`${days}\`: the window never opens`,
        help: 'use a day that one of the months has',
      })
    if (!isTimeZone(timeZone.value))
      yield report(placeAt(findWrittenPlace(timeZone)!), {
        what: `there is no time zone \`${timeZone.value}\``,
        help: 'take its name from the time zone database: `Europe/Berlin`, `UTC`',
      })
  },
)

interface Field {
  readonly name: string
  readonly least: number
  readonly most: number
  /** The words for its numbers, beginning with the least. */
  readonly words?: readonly string[]
}

// See https://pkg.go.dev/github.com/robfig/cron/v3#hdr-CRON_Expression_Format, which Argo CD reads schedules with.
const cronFields: readonly Field[] = [
  { name: 'minute', least: 0, most: 59 },
  { name: 'hour', least: 0, most: 23 },
  { name: 'day of the month', least: 1, most: 31 },
  {
    name: 'month',
    least: 1,
    most: 12,
    words: ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'],
  },
  {
    name: 'day of the week',
    least: 0,
    most: 6,
    words: ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'],
  },
]

function isPossible(part: string, field: Field): boolean {
  const [range = '', step, ...more] = part.split('/')
  if (more.length > 0 || (step !== undefined && !/^0*[1-9]\d*$/.test(step))) return false
  if (range === '*' || range === '?') return true
  const [from, to, ...others] = range.split('-').map(word => findNumber(word, field))
  if (from === undefined || others.length > 0) return false
  return range.includes('-') ? to !== undefined && from <= to : true
}

function findNumber(word: string, { least, most, words = [] }: Field): number | undefined {
  const index = words.indexOf(word.toLowerCase())
  const number = index >= 0 ? least + index : /^\d+$/.test(word) ? Number(word) : undefined
  return number !== undefined && number >= least && number <= most ? number : undefined
}

/**
 * Tells whether no date matches a schedule. If the schedule has a day of the week, too, a match of either day is enough. `*` with a
 * step counts as a day of the week.
 */
function neverComes(days: string, months: string, weekdays: string): boolean {
  const first = firstNumber(days, cronFields[2]!)
  return (
    weekdays.split(',').some(part => /^[*?](\/0*1)?$/.test(part)) &&
    first !== undefined &&
    daysOfMonths.every((length, index) => first > length || !isNumberIn(index + 1, months, cronFields[3]!))
  )
}

/** The most days that each month has. */
const daysOfMonths = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]

/** The first number of a field that is possible. */
const firstNumber = (text: string, field: Field) =>
  Array.from({ length: field.most }, (_, index) => index + field.least).find(number =>
    isNumberIn(number, text, field),
  )

/** Tells whether a field may have a number. */
function isNumberIn(number: number, text: string, field: Field): boolean {
  return text.split(',').some(part => {
    const [range = '', step] = part.split('/')
    const [first, last] = range.split('-').map(word => findNumber(word, field))
    const from = first ?? field.least
    // A step without an end continues to the largest number.
    const to = last ?? (first === undefined || step !== undefined ? field.most : first)
    return number >= from && number <= to && (number - from) % Number(step ?? 1) === 0
  })
}

function isTimeZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name })
    return true
  } catch {
    return false
  }
}
