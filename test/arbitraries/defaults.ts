import fc from 'fast-check'
import { defined, maybe } from './names.ts'
import { circuitBreakers, connections, loadBalancings, patience } from './traffic.ts'

export const defaults = fc
  .record({
    patience,
    circuitBreaker: maybe(circuitBreakers),
    connections: maybe(connections),
    loadBalancing: maybe(loadBalancings),
  })
  .map(({ patience, ...rest }) => ({ ...patience, ...defined(rest) }))
