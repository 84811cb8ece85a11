import { fileURLToPath } from 'node:url'
import { buildGo, type Part } from './part.ts'

const directory = fileURLToPath(new URL('../limiter', import.meta.url))

/** The rate-limit service of envoyproxy, which keeps its counts in Redis. */
export const ratelimit: Part = {
  inputs: [fileURLToPath(import.meta.url), directory],
  make: target => buildGo(directory, { path: 'github.com/envoyproxy/ratelimit/src/service_cmd' }, target),
}
