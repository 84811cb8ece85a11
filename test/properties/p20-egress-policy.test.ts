import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { externalsOf, rootNamespace, servicesOf } from './declared.ts'
import { at, everyMesh, listAt, ofKind } from './subject.ts'

const p20 = suite('P20 egress policy')

p20(
  'P20: egress is closed or open as declared, for everyone; and each proxy knows what its service may call',
  () =>
    everyMesh(({ spec, objects, operator, istiod }) => {
      const mode = (spec.egress ?? 'registry-only') === 'registry-only' ? 'REGISTRY_ONLY' : 'ALLOW_ANY'
      for (const config of [at(operator, 'meshConfig'), at(istiod, 'meshConfig')])
        assert.is(at(config, 'outboundTrafficPolicy', 'mode'), mode)

      const services = servicesOf(spec)
      const sidecars = ofKind(objects, 'Sidecar')
      assert.is(sidecars.length, services.length)
      const mayCall = (
        allow: readonly { readonly from: string }[] | undefined,
        caller: (typeof services)[number],
      ) =>
        (allow ?? []).some(({ from }) =>
          [caller.key, `namespace/${caller.namespace}`, 'anyone'].includes(from),
        )
      for (const service of services) {
        const sidecar = sidecars.find(
          one => one.name === service.name && one.namespace === service.namespace,
        )?.spec
        assert.equal(at(sidecar, 'workloadSelector', 'labels'), service.selector)
        assert.is(at(sidecar, 'outboundTrafficPolicy'), undefined, 'no proxy has a policy of its own')
        const known = listAt(sidecar, 'egress').flatMap(one => listAt(one, 'hosts'))
        for (const host of known) assert.not.match(String(host), /^(\*|\.|~)\/|\/\*$/, 'a scope names hosts')
        const expected = [
          ...services
            .filter(other => other !== service && mayCall(other.spec.allow, service))
            .map(({ namespace, host }) => `${namespace}/${host}`),
          ...externalsOf(spec)
            .filter(external => mayCall(external.spec.allow, service))
            .flatMap(({ namespace, spec: external }) =>
              (external.hosts ?? []).map(host => `${namespace}/${host}`),
            ),
        ]
        const collector = spec.observability?.tracing?.collector
        const [, home] = (collector ?? '').split(/[.:]/)
        const around = (host: unknown) =>
          String(host).startsWith(`${rootNamespace(spec)}/istiod`) ||
          (collector !== undefined && String(host).startsWith(`${home}/${collector.split('.')[0]}.`))
        assert.equal(
          known.filter(host => !around(host)).toSorted(),
          [...new Set(expected)].filter(host => !around(host)).sort(),
          service.key,
        )
      }
    }),
)

p20.run()
