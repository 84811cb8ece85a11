import type { MeshSpec } from '../../schema/spec/mesh.ts'

/** The sections of a merged spec, one entry of each. */
export type ServiceSpec = Entry<'services'>
export type GatewaySpec = Entry<'gateways'>
export type ExternalSpec = Entry<'external'>
export type DefaultsSpec = NonNullable<MeshSpec['defaults']>
export type IssuerSpec = Entry<'issuers'>
export type JwtSpec = NonNullable<ServiceSpec['jwt']>
export type RouteSpec = NonNullable<ServiceSpec['routes']>[number]
export type MatchSpec = NonNullable<RouteSpec['when']>
export type StringMatchSpec = NonNullable<MatchSpec['headers']>[string]
export type TrafficSpec = NonNullable<ServiceSpec['traffic']>
export type PortSpec = NonNullable<ServiceSpec['port']>
export type ResourcesSpec = NonNullable<GatewaySpec['resources']>
export type ReplicasSpec = NonNullable<GatewaySpec['replicas']>
export type ClaimsSpec = NonNullable<MatchSpec['claims']>
export type DenySpec = NonNullable<ServiceSpec['deny']>[number]
export type AuthorizerSpec = Entry<'authorizers'>
export type RateLimiterSpec = Entry<'rateLimiters'>
export type AuthorizeSpec = NonNullable<ServiceSpec['authorize']>
export type AllowSpec = NonNullable<ServiceSpec['allow']>[number]

type Entry<
  Section extends 'services' | 'gateways' | 'external' | 'issuers' | 'authorizers' | 'rateLimiters',
> = NonNullable<MeshSpec[Section]>[string]
