/** A percentage with two decimals at most, as a whole number of hundredths: sums of those are exact. */
export const countHundredths = (percent: number): number => Math.round(percent * 100)
