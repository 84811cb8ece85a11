/** The coarsest clock of a file system, in milliseconds: a file that is younger may change and keep its dates. */
export const coarsestClock = 2000
