/** What laws are drawn from, so that a run can be repeated. `SEED=…` draws others, and who looks for faults draws many. */
export const seed = Number(process.env['SEED'] ?? 62_658_084)

/** Another seed for each run: who uses it prints it. `SEED=…` repeats a run. */
export const freshSeed = Number(process.env['SEED'] ?? Math.floor(Math.random() * 2 ** 31))
