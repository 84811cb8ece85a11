/** Expectations for the compiler: a bundle of its own, which is loaded where a spec expects something. */
export { unmetExpectations } from './unmet-expectations.ts'
