/** The order of what an Application of Applications applies: each waits until what comes before it is healthy. */
export const waves = {
  settings: -50,
  projects: -40,
  base: -30,
  istiod: -20,
  gateways: -10,
  manifests: 0,
  root: 1,
  // Last: an Application that waited for its own health would wait for what it has yet to bring.
  applications: 10,
} as const
