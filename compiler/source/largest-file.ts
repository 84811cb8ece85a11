/** A text larger than this is refused unread, in characters: ten thousand services take about 10 MB. */
export const largestFile = 64 * 1024 * 1024
