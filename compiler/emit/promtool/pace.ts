/** Tests that go on for hours stand apart, and do not look at every minute: promtool takes long for that. */
export type Pace = 'minutes' | 'hours'

/** The pace of a test that goes on for so many minutes. */
export const choosePace = (minutes: number): Pace => (minutes < 60 ? 'minutes' : 'hours')
