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

/** The reason why a condition on such a header is not known. */
export const ofProxies = 'a header that proxies write or take away themselves'

/**
 * Tells whether the value that a route gives a header is one that the proxy makes for each request:
 * `%REQ(x-user)%`.
 */
export const isComputed = (value: string): boolean => value.includes('%')

/** The reason why a condition on such a value is not known. */
export const computed = 'a header whose value a proxy makes for each request'
