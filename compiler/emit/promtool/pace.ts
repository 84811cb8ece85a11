/** Tests of several hours are separate, and do not evaluate every minute: promtool takes long for that. */
export type Pace = 'minutes' | 'hours'

/** The pace of a test of some minutes. */
export const choosePace = (minutes: number): Pace => (minutes < 60 ? 'minutes' : 'hours')
