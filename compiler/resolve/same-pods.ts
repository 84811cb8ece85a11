import type { ServiceEntity } from './service-entity.ts'

/** Lets services know each other that select the same pods. They come and stay sorted by key. */
export function linkSamePods(services: readonly ServiceEntity[]): void {
  const byPods = new Map<string, ServiceEntity[]>()
  for (const service of services) {
    const labels = service.selector.map(([label, { value }]) => `${label}=${value}`)
    const pods = `${service.namespace.value} ${labels.join()}`
    const sharing = byPods.get(pods)
    if (sharing === undefined) byPods.set(pods, [service])
    else sharing.push(service)
  }
  for (const sharing of byPods.values())
    if (sharing.length > 1) for (const service of sharing) service.samePods = sharing
}
