/** A number and its noun, which takes an s. */
export const printCount = (count: number, noun: string): string => `${count} ${noun}${count === 1 ? '' : 's'}`
