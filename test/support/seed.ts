/** The seed of the laws, so that a run can be repeated. `SEED=…` draws others; a search for faults uses many seeds. */
export const seed = Number(process.env['SEED'] ?? 62_658_084)

/** Another seed for each run: who uses it prints it. `SEED=…` repeats a run. */
export const freshSeed = Number(process.env['SEED'] ?? Math.floor(Math.random() * 2 ** 31))
