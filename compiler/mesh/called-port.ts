import type { External } from './mesh.ts'
import { because, type Sourced } from './sourced.ts'

/** The port on which callers speak plain HTTP to a host that the mesh speaks TLS to. */
export const plainPort = 80

/** The port of a system that callers speak to. */
export const getCalledPort = ({ tls, port }: External): Sourced<number> =>
  tls.value === 'originate' ? because(plainPort, tls) : port.number
