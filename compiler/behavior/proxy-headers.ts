/** The header in which a proxy tells the encryption that a request came with. */
export const forwardedProtocol = 'x-forwarded-proto'

/**
 * Tells whether proxies write a header, or take it away, before they compare it, in a way that is not followed.
 *
 * See https://www.envoyproxy.io/docs/envoy/latest/configuration/http/http_conn_man/headers
 */
export const isOfProxies = (name: string): boolean =>
  /^(?:x-envoy-.*|x-request-id|x-forwarded-(?:for|client-cert)|connection|proxy-connection|keep-alive|transfer-encoding|upgrade)$/.test(
    name,
  )

/**
 * Tells whether the value that a route gives a header is one that the proxy makes for each request:
 * `%REQ(x-user)%`.
 */
export const isComputed = (value: string): boolean => value.includes('%')
