/** The candidate nearest to a misspelt name, if one is near enough to be meant. */
export function findNearestName(name: string, candidates: Iterable<string>): string | undefined {
  const limit = Math.min(3, Math.floor(name.length * 0.4) + 1)
  let best: string | undefined
  let bestDistance = limit + 1
  for (const candidate of candidates) {
    if (Math.abs(candidate.length - name.length) >= bestDistance && !sharesStem(name, candidate)) continue
    const distance = slips(name, candidate, bestDistance)
    if (distance < bestDistance || (distance === bestDistance && best !== undefined && candidate < best)) {
      best = candidate
      bestDistance = distance
    }
  }
  return best
}

/** The candidate that differs from a name by one typing slip, if no other candidate is nearly as near: it is the only possible meaning. */
export function findOnlyNear(name: string, candidates: readonly string[]): string | undefined {
  if (name.length < 3) return undefined
  const close = candidates.filter(
    candidate => Math.abs(candidate.length - name.length) <= 2 && slips(name, candidate, 2) <= 2,
  )
  return close.length === 1 && slips(name, close[0]!, 1) === 1 ? close[0] : undefined
}

/** The help line that suggests the nearest legal name; undefined if none is near. */
export function suggestNearest(name: string, candidates: Iterable<string>): string | undefined {
  const near = findNearestName(name, candidates)
  return near && `did you mean \`${near}\`?`
}

/** The help line that suggests the nearest legal name, or lists the legal names if they are few. */
export function suggestName(name: string, candidates: readonly string[]): string | undefined {
  const near = suggestNearest(name, candidates)
  if (near !== undefined) return near
  if (candidates.length === 0) return undefined
  if (candidates.length <= 12) return `there is ${listQuoted(candidates)}`
  return undefined
}

/** Words as a person lists them, each in backticks: `a`, `b` and `c`. */
export const listQuoted = (words: readonly string[], conjunction = 'and'): string =>
  joinInSentence(
    words.map(word => `\`${word}\``),
    conjunction,
  )

/** Parts of a sentence as a person lists them. */
export const joinInSentence = (parts: readonly string[], conjunction = 'and'): string =>
  parts.length < 2 ? parts.join('') : `${parts.slice(0, -1).join(', ')} ${conjunction} ${parts.at(-1)}`

/** Counts slips; another case, or a plural, is one slip. A count above `most` is any number above it. */
const slips = (a: string, b: string, most: number) => (sharesStem(a, b) ? 1 : editDistance(a, b, most))

const sharesStem = (a: string, b: string) =>
  a.toLowerCase() === b.toLowerCase() ||
  (Math.min(a.length, b.length) >= 4 && (`${a}s` === b || `${b}s` === a))

/** The Levenshtein distance, in which a swap of neighbouring letters is one edit. A distance above `most` is any number above it. */
function editDistance(a: string, b: string, most: number): number {
  let before: readonly number[] = []
  let row = Array.from({ length: b.length + 1 }, (_, j) => j)
  for (let i = 1; i <= a.length; i++) {
    const next = [i]
    let least = i
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1]
      let cost = Math.min(row[j]! + 1, next[j - 1]! + 1, row[j - 1]! + (same ? 0 : 1))
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1])
        cost = Math.min(cost, before[j - 2]! + 1)
      next[j] = cost
      least = Math.min(least, cost)
    }
    // The next rows have no smaller distance than this one; a swap uses the row before the last, at the cost of one.
    if (least > most + 1) return most + 1
    before = row
    row = next
  }
  return row[b.length]!
}
