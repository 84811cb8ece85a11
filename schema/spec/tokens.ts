import { z } from 'zod'
import { HeaderName, Pattern, ServiceName, Url } from './names.ts'
import { defineSection } from './section.ts'

/** The name of an issuer of the spec. */
const IssuerName = ServiceName.meta({ 'x-names': 'issuer' })

/** An issuer as its tokens name it. */
export const IssuerUrl = z
  .string()
  .min(1)
  .max(2048)
  .regex(/^[!-~]+$/)
  .meta({
    title: 'the issuer of tokens',
    description: 'The issuer of the tokens: the value of their claim `iss`',
    examples: ['https://login.example.com'],
  })

const issuer = {
  issuer: IssuerUrl,
  jwks: Url.meta({
    description: 'The URL of the public keys of the issuer (JWKS)',
    examples: ['https://login.example.com/.well-known/jwks.json'],
  }),
}

const reading = {
  audiences: z
    .array(
      z
        .string()
        .min(1)
        .max(1024)
        .regex(/^[!-~]+$/)
        .meta({ title: 'an audience' }),
    )
    .min(1)
    .meta({ description: 'The audiences; a token must name one of them', examples: [['my-api']] }),
  header: HeaderName.meta({
    description: 'The header that carries the token (default: `authorization`)',
    examples: ['x-token'],
  }),
  prefix: z
    .string()
    .min(1)
    .max(64)
    .regex(/^[!-~]([ -~]*)$/)
    .meta({
      title: 'the text before a token',
      description: 'The text before the token in `header`',
      examples: ['Token '],
    }),
  parameter: z
    .string()
    .min(1)
    .max(128)
    .regex(/^[-A-Za-z0-9_.~]+$/)
    .meta({
      title: 'the name of a query parameter',
      description: 'The query parameter that carries the token',
      examples: ['token'],
    }),
  claimHeaders: z
    .record(
      HeaderName,
      z
        .string()
        .regex(/^[A-Za-z0-9_:/-]{1,64}(\.[A-Za-z0-9_:/-]{1,64}){0,7}$/)
        .meta({ title: 'a claim name; dots lead into nested claims' }),
    )
    .meta({
      description:
        'Headers in which the proxy sends claims of a valid token to the application, each with its claim',
      examples: [{ 'x-user': 'sub' }],
    }),
  forward: z.boolean().meta({
    description: 'If `true`, the proxy forwards the token to the service (default: `true`)',
    examples: [true],
  }),
}

const example = {
  issuer: 'https://login.example.com',
  jwks: 'https://login.example.com/.well-known/jwks.json',
}

/** An issuer that services and gateways accept tokens of. */
export const Issuer = defineSection({ ...issuer, ...reading }).meta({
  id: 'Issuer',
  description: 'An issuer of tokens (JWT), with the settings for its tokens',
  examples: [example],
})

/** The tokens that a service or a gateway accepts: those of named issuers, or of one that stands here. */
export const Jwt = defineSection({
  issuers: z
    .array(IssuerName)
    .min(1)
    .max(100)
    .meta({
      description: 'The accepted issuers, by their names under `issuers`',
      examples: [['corp', 'partner']],
    }),
  ...issuer,
  ...reading,
}).meta({
  id: 'Jwt',
  description:
    'The accepted tokens (JWT): those of named `issuers`, or of one `issuer`. The other fields override the fields of the named issuers',
  examples: [{ issuers: ['corp', 'partner'] }, example],
})

/** The issuers of which a caller must have a token. */
export const RequiredIssuers = z
  .array(IssuerName)
  .min(1)
  .max(100)
  .meta({
    description: 'Only requests with a valid token of one of these issuers',
    examples: [['corp']],
  })

const claimName = z
  .string()
  .regex(/^[A-Za-z0-9_.:/-]{1,128}$/)
  .meta({ title: 'a claim name' })

const values = [Pattern, z.array(Pattern).min(1)] as const
const nested = z.record(claimName, z.union([z.record(claimName, z.union(values)), ...values]))

/** Claims with the values of which each must have one; a map leads into nested claims. */
export const Claims = z.record(claimName, z.union([nested, ...values]))

/** Headers with the values of which each must have one. */
export const HeaderValues = z.record(HeaderName, z.union(values))
