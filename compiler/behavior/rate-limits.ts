import type { LocalLimit, LocalRate } from './model.ts'

/** Says what a limit means for a request, in words; undefined: it limits none by itself. */
export function describeLimit({
  whole,
  perHeader,
}: Pick<LocalLimit, 'whole' | 'perHeader'>): string | undefined {
  const parts = [
    ...(whole === undefined ? [] : [describeRate(whole)]),
    ...perHeader.map(rate => `${describeRate(rate)} for each value of the header \`${rate.header}\``),
  ]
  return parts.length === 0 ? undefined : `${parts.join(', and ')}, at each instance`
}

function describeRate({ requests, milliseconds, burst }: LocalRate): string {
  const interval = intervals.get(milliseconds) ?? `${milliseconds / 1000} seconds`
  const rate = `${requests} ${requests === 1 ? 'request' : 'requests'} a ${interval}`
  return burst === requests ? rate : `${rate}, ${burst} at once`
}

const intervals: ReadonlyMap<number, string> = new Map([
  [1000, 'second'],
  [60_000, 'minute'],
  [3_600_000, 'hour'],
])
