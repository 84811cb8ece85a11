/**
 * The upper bounds of the proxies' histogram of request times, in milliseconds. Between two bounds, the exact time
 * is unknown.
 * See https://www.envoyproxy.io/docs/envoy/latest/api-v3/config/metrics/v3/stats.proto#config-metrics-v3-histogrambucketsettings
 */
export const latencyBuckets = [
  0.5, 1, 5, 10, 25, 50, 100, 250, 500, 1000, 2500, 5000, 10_000, 30_000, 60_000, 300_000, 600_000, 1_800_000,
  3_600_000,
] as const
