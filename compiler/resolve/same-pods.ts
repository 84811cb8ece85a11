import type { ServiceEntity } from './service-entity.ts'

/** Lets services know each other that select the same pods. They come and stay sorted by key. */
export function linkSamePods(services: readonly ServiceEntity[]): void {
  const byPods = new Map<string, ServiceEntity[]>()
  for (const service of services) {
    const labels = service.selector.map(([label, { value }]) => [label, value])
    const pods = JSON.stringify([service.namespace.value, labels])
    const known = byPods.get(pods)
    if (known === undefined) byPods.set(pods, [service])
    else {
      known.push(service)
      for (const serviceEntity of known) serviceEntity.samePods = known
    }
  }
}
