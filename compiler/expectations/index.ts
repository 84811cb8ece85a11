/** Expectations for the compiler: a bundle of its own, which is loaded where a spec expects something. */
export { findUnmetByManifests, listUnknownNames } from './unmet-by-manifests.ts'
export { findUnmetClaims } from './unmet-claims.ts'
