const count = <T>(most: number, make: (index: number) => T): readonly T[] =>
  Array.from({ length: most }, (_, index) => make(index))

/**
 * Returns sections of a spec in which every caller may call each service, so each Sidecar lists all of them.
 */
export const openServices = (services: number): string =>
  [
    'services:',
    ...count(
      services,
      index =>
        `  s${index}: { namespace: shop, port: { http: 80 }, allow: [{ from: anyone, because: everyone looks }] }`,
    ),
    '',
  ].join('\n')

/**
 * Returns sections of a spec with one service. A VirtualService repeats each route for each exposure, with
 * all versions.
 */
export function routedService(routes: number, versions: number, exposures: number): string {
  const shares = count(versions, index => `v${index}: ${100 / versions}%`).join(', ')
  return [
    'gateways:',
    `  public: { hosts: [${count(exposures, index => `h${index}.example.com`).join(', ')}], certificate: { issuer: ca } }`,
    'services:',
    '  cart:',
    '    namespace: shop',
    '    port: { http: 80 }',
    `    versions: { ${count(versions, index => `v${index}: {}`).join(', ')} }`,
    `    traffic: { ${shares} }`,
    '    routes:',
    ...count(
      routes - 1,
      index =>
        `      - { name: r${index}, when: { headers: { x-user: u${index} } }, traffic: { ${shares} } }`,
    ),
    '    allow: [{ from: gateway/public }]',
    '    expose:',
    ...count(exposures, index => `      - { gateway: public, host: h${index}.example.com }`),
    '',
  ].join('\n')
}
