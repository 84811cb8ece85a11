/** Policies for the compiler: a separate bundle with the engine of CEL, which is loaded only if a spec has a policy. */
export { findViolatingManifests, findViolations } from './find-violations.ts'
