/** How often rules are evaluated in a test: promtool takes long for days of minutes. */
export type Pace = 'minutes' | 'quarters'

/** In minutes. */
export const intervals = { minutes: 1, quarters: 15 } as const satisfies Readonly<Record<Pace, number>>

/** The pace of a test that goes on for so many minutes. */
export const paceOf = (minutes: number): Pace => (minutes < 60 ? 'minutes' : 'quarters')
