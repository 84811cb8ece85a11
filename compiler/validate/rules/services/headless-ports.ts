import { placeAt } from '../../../mesh/spec-place.ts'
import { defineRule } from '../../rule.ts'

/** Only the address of a Service translates ports; see https://kubernetes.io/docs/concepts/services-networking/service/#headless-services. */
export const headlessPorts = defineRule<{ service: string; port: string; number: number; target: number }>(
  {
    code: 'MESH3027',
    severity: 'error',
    summary: 'A port of a headless service is the port of the container',
    message: p =>
      `callers of the headless service \`${p.service}\` connect to port ${p.number} of a pod, but \`${p.port}\` listens on ${p.target}`,
    help: p => `set the port to ${p.target} and remove \`target\`, or remove \`headless\``,
  },
  function* (_, report, { headless }) {
    for (const { key: service, ports } of headless)
      for (const { key: port, number, target, origin } of ports)
        if (number.value !== target.value)
          yield report(placeAt(origin.at('target')), {
            service,
            port,
            number: number.value,
            target: target.value,
          })
  },
)
