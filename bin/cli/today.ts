import { Failure } from './failure.ts'

/**
 * The current day here, as `2027-01-31`; or the day of SOURCE_DATE_EPOCH, with which a build can be repeated later. See
 * https://reproducible-builds.org/specs/source-date-epoch
 */
export function readToday(environment: NodeJS.ProcessEnv = process.env): string {
  const epoch = environment['SOURCE_DATE_EPOCH']
  if (epoch !== undefined && epoch !== '') {
    if (!/^\d{1,11}$/.test(epoch))
      throw new Failure(`SOURCE_DATE_EPOCH is \`${epoch}\``, 'it is a number of seconds since 1970')
    return new Date(Number(epoch) * 1000).toISOString().slice(0, 10)
  }
  const now = new Date()
  const twoDigits = (number: number) => String(number).padStart(2, '0')
  return `${now.getFullYear()}-${twoDigits(now.getMonth() + 1)}-${twoDigits(now.getDate())}`
}
