/** Expectations for the compiler: a bundle of its own, which is loaded where a spec expects something. */
export { findRefusedEdges } from './refused-edges.ts'
export { findUnmetByManifests, listUnknownNames } from './unmet-by-manifests.ts'
export { findUnmetExpectations } from './unmet-expectations.ts'
