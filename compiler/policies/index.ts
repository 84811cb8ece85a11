/** Policies for the compiler: a bundle of its own with the engine of CEL, which is loaded where a spec has a policy. */
export { findViolatingManifests, findViolations } from './find-violations.ts'
