import { at, writtenAt } from '../places.ts'
import { defineRule } from '../rule.ts'

/** See https://istio.io/latest/docs/ops/deployment/application-requirements/#ports-used-by-istio */
const sidecarPorts = [15000, 15001, 15002, 15004, 15006, 15008, 15020, 15021, 15053, 15090]

export const freePorts = defineRule<{ service: string; target: number }>(
  {
    code: 'MESH3012',
    severity: 'error',
    summary: 'No container listens on a port of the sidecar',
    message: p => `the port ${p.target} of the pods of \`${p.service}\` is taken by the sidecar`,
    help: () => `let the container listen on another port than ${sidecarPorts.join(', ')}`,
  },
  function* ({ services }, report) {
    for (const { key: service, ports } of services) {
      for (const { target, origin } of ports) {
        if (!sidecarPorts.includes(target.value)) continue
        yield report(at(writtenAt(target) ?? origin), { service, target: target.value })
      }
    }
  },
)
