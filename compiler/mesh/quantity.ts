/** An amount of CPU of the spec (`500m`), in millicores. */
export const parseCpu = (cpu: string): number => Number.parseInt(cpu, 10)

/** An amount of memory of the spec (`512Mi`, `2Gi`), in bytes. */
export function parseMemory(memory: string): number {
  const count = Number.parseInt(memory, 10)
  if (memory.endsWith('Ki')) return count * 1024
  if (memory.endsWith('Mi')) return count * 1024 ** 2
  return count * 1024 ** 3
}
