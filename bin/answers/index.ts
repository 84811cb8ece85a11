/** The work behind the commands that answer about a project and build nothing: a bundle of its own, for which no build waits. */
export { listNames } from './list-names.ts'
export { runDoctor } from './run-doctor.ts'
export { listTopics, runExplain } from './run-explain.ts'
export { runImpact } from './run-impact.ts'
export { runLocate } from './run-locate.ts'
export { runSchema } from './run-schema.ts'
export { runWhy } from './run-why.ts'
