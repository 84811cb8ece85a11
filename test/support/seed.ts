/** The seed of the laws, which makes a run repeatable. `SEED=…` sets another seed. */
export const seed = Number(process.env['SEED'] ?? 62_658_084)

/** A new seed for each run. A test that uses it prints it. `SEED=…` repeats a run. */
export const freshSeed = Number(process.env['SEED'] ?? Math.floor(Math.random() * 2 ** 31))
