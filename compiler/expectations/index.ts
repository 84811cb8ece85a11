/** Expectations for the compiler: a separate bundle, which is loaded only if a spec has expectations. */
export { findUnmetByManifests, listUnknownNames } from './unmet-by-manifests.ts'
export { findUnmetClaims } from './unmet-claims.ts'
