/** The order in which an Application of Applications applies its objects: each waits until the earlier ones are healthy. */
export const waves = {
  settings: -50,
  projects: -40,
  base: -30,
  istiod: -20,
  gateways: -10,
  manifests: 0,
  root: 1,
  // Last: an Application that waits for its own health would wait for objects that it has not applied yet.
  applications: 10,
} as const
