import type { Gateway, InstalledGateway, Mesh } from './mesh.ts'

/** Lists the gateways whose proxies meshc installs. */
export const listInstalledGateways = ({ gateways }: Pick<Mesh, 'gateways'>): readonly InstalledGateway[] =>
  gateways.filter(isInstalled)

const isInstalled = (gateway: Gateway): gateway is InstalledGateway => gateway.installation !== undefined
