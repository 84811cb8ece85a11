/**
 * Tells whether a host of a gateway covers another: `*` covers every host, and `*.example.com` every host below
 * `example.com`, wildcards among them.
 */
export const coversHost = (wide: string, narrow: string): boolean =>
  wide === narrow || (wide.startsWith('*') && narrow.endsWith(wide.slice(1)))
