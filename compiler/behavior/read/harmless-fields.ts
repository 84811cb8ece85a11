import { withoutEffect } from './fields.ts'

export const load = withoutEffect(
  'it limits connections and spreads load; results are of a mesh that is not overloaded',
)
export const certificates = withoutEffect('certificates are taken to be what the other side trusts')
export const telemetry = withoutEffect('it shows in telemetry only')
