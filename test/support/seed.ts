/** What laws are drawn from, so that a run can be repeated. `SEED=…` draws others, and who looks for faults draws many. */
export const seed = Number(process.env['SEED'] ?? 62_658_084)
