import type { PolicyTarget } from '../mesh/mesh.ts'
import { entityTypes } from './entities.ts'
import { externalTypes } from './view-external.ts'
import { gatewayTypes } from './view-gateway.ts'
import { partTypes } from './view-parts.ts'
import { serviceTypes } from './view-service.ts'
import { settingTypes } from './view-settings.ts'

/**
 * The types of the values that expressions read: each type with its fields, and the type of each field in the words of CEL. A field
 * that an object does not set is absent, which `has()` tests. Durations are texts, for `duration()`.
 */
export const expressionTypes = {
  ...entityTypes,
  ...serviceTypes,
  ...gatewayTypes,
  ...externalTypes,
  ...settingTypes,
  ...partTypes,
} satisfies Readonly<Record<string, Readonly<Record<string, string>>>>

export type TypeName = keyof typeof expressionTypes

/** The fields of a type; undefined for an unknown type. */
export const findTypeFields = (name: string): Readonly<Record<string, string>> | undefined =>
  Object.hasOwn(expressionTypes, name) ? expressionTypes[name as TypeName] : undefined // hasOwn proves that it is one

/** The type of `object` in the expressions of a policy. */
export const typeOfObject: Readonly<Record<PolicyTarget, string>> = {
  services: 'Service',
  gateways: 'Gateway',
  external: 'External',
  edges: 'Edge',
  namespaces: 'Namespace',
  mesh: 'Mesh',
  manifests: 'map<string, dyn>',
}
