import type { Jwt } from './mesh.ts'
import type { Sourced } from './sourced.ts'

/** Makes a text that two lists of tokens share if proxies read the same tokens by both; the order does not matter. */
export const serializeTokens = (jwt: Jwt | undefined): string | undefined =>
  jwt &&
  JSON.stringify(
    jwt.issuers
      .map(({ issuer, jwks, header, prefix, parameter, forward, audiences, claimHeaders }) =>
        JSON.stringify([
          [issuer, jwks, header, prefix, parameter, forward].map(part => part?.value),
          serializeWords(audiences),
          claimHeaders.map(([name, { value }]) => [name, value]),
        ]),
      )
      .sort(),
  )

/** Makes a text of values that their order does not change. */
export const serializeWords = (values: readonly Sourced<unknown>[]): string =>
  JSON.stringify(values.map(({ value }) => JSON.stringify(value)).sort())
