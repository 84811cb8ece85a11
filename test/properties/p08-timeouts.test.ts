import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { externalsOf, milliseconds, servicesOf } from './declared.ts'
import { at, everyMesh, listAt, ofKind, valuesNamed } from './subject.ts'

const p8 = suite('P8 timeouts')

const durationFields = [
  'timeout',
  'perTryTimeout',
  'connectTimeout',
  'idleTimeout',
  'interval',
  'baseEjectionTime',
  'fixedDelay',
  'maxAge',
  'duration',
  'renewBefore',
]

p8('P8: every duration is one that Istio reads, and every timeout is the one that the spec says', () =>
  everyMesh(({ spec, objects, operator }) => {
    for (const { object } of objects)
      for (const field of durationFields)
        for (const duration of valuesNamed(object, field)) assert.ok(milliseconds(duration) >= 1)
    for (const duration of valuesNamed(operator, 'terminationDrainDuration')) milliseconds(duration)

    const fallback = spec.defaults?.timeout ?? '30s'
    const timeouts = (host: string, rule: string) =>
      ofKind(objects, 'VirtualService')
        .flatMap(({ spec: service }) => listAt(service, 'http'))
        .filter(one => at(one, 'name') === rule || at(one, 'name') === `${rule}-fault`)
        .filter(one => listAt(one, 'route').some(share => at(share, 'destination', 'host') === host))
        .map(one => at(one, 'timeout'))
    const assertTimeouts = (host: string, rule: string, said: string) => {
      for (const timeout of timeouts(host, rule)) {
        if (said === 'none') assert.is(timeout, undefined, host)
        else assert.is(milliseconds(timeout), milliseconds(said), `${host} ${rule}`)
      }
    }
    for (const { host, spec: service } of servicesOf(spec)) {
      const own = service.timeout ?? fallback
      assertTimeouts(host, 'default', own)
      for (const route of service.routes ?? [])
        if (route.redirect === undefined) assertTimeouts(host, route.name, route.timeout ?? own)
    }
    for (const { name, spec: external } of externalsOf(spec))
      for (const host of external.hosts ?? []) assertTimeouts(host, name, external.timeout ?? fallback)
  }),
)

p8.run()
