import { listListenedPorts } from '../../../mesh/gateway-listeners.ts'
import { isHttp } from '../../../mesh/port.ts'
import { placeAt } from '../../../mesh/spec-place.ts'
import { findWrittenPlace } from '../../places.ts'
import { defineRule } from '../../rule.ts'

/** See https://istio.io/latest/docs/ops/deployment/application-requirements/#ports-used-by-istio */
const sidecarPorts = [15000, 15001, 15002, 15004, 15006, 15008, 15020, 15021, 15053, 15090]

/**
 * The ports on which Envoy itself has a listener for every address: it refuses a second one, of the same number, which requests
 * to any address would need. TCP to an address of its own has a listener of that address.
 */
const listenerPorts = [15001, 15006, 15021, 15090]

export const freePorts = defineRule<{ owner: string; number: number; kind: 'target' | 'port' | 'listener' }>(
  {
    code: 'MESH3012',
    severity: 'error',
    summary: 'No container or gateway listens on a port of the proxy, and no request goes to one',
    message: p =>
      p.kind === 'target'
        ? `the port ${p.number} of the pods of \`${p.owner}\` is taken by the sidecar`
        : p.kind === 'listener'
          ? `the port ${p.number} of the gateway \`${p.owner}\` is taken by its proxy`
          : `no sidecar sends requests to the port ${p.number} of \`${p.owner}\`: it listens there itself`,
    help: p =>
      p.kind === 'target'
        ? `let the container listen on another port than ${sidecarPorts.join(', ')}`
        : `let it ${p.kind === 'listener' ? 'listen' : 'answer'} on another port than ${listenerPorts.join(', ')}`,
  },
  function* ({ services, externals, gateways }, report) {
    for (const gateway of gateways) {
      for (const { number, target } of listListenedPorts(gateway)) {
        const taken = [number, target].find(({ value }) => listenerPorts.includes(value))
        if (taken === undefined) continue
        const params = { owner: gateway.name.value, number: taken.value, kind: 'listener' } as const
        yield report(placeAt(findWrittenPlace(taken)!), params)
      }
    }
    for (const { key: owner, ports } of services) {
      for (const { target, number, protocol, origin } of ports) {
        const isTarget = sidecarPorts.includes(target.value)
        if (isTarget)
          yield report(placeAt(findWrittenPlace(target) ?? origin), {
            owner,
            number: target.value,
            kind: 'target',
          })
        else if (listenerPorts.includes(number.value) && isHttp({ protocol }))
          yield report(placeAt(findWrittenPlace(number) ?? origin), {
            owner,
            number: number.value,
            kind: 'port',
          })
      }
    }
    for (const { key: owner, port, origin } of externals) {
      const { number, protocol } = port
      if (!listenerPorts.includes(number.value) || protocol.value === 'tcp') continue
      yield report(placeAt(findWrittenPlace(number) ?? origin), {
        owner,
        number: number.value,
        kind: 'port',
      })
    }
  },
)
