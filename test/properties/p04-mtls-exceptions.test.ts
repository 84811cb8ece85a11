import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { servicesOf } from './declared.ts'
import { at, entriesAt, everyMesh, ofKind } from './subject.ts'

const p4 = suite('P4 mTLS exceptions')

p4(
  'P4: an exception to mTLS holds for one declared port of one workload, and for each that is declared',
  () =>
    everyMesh(({ spec, objects }) => {
      const emitted = ofKind(objects, 'PeerAuthentication').flatMap(({ namespace, spec: policy }) =>
        entriesAt(policy, 'portLevelMtls').map(([port, setting]) => ({
          namespace,
          selector: at(policy, 'selector', 'matchLabels'),
          port: Number(port),
          mode: at(setting, 'mode'),
        })),
      )
      const declared = servicesOf(spec).flatMap(({ namespace, selector, ports }) =>
        ports.flatMap(({ target, mtls }) =>
          mtls === undefined
            ? []
            : [{ namespace, selector, port: target, mode: mtls === 'off' ? 'DISABLE' : 'PERMISSIVE' }],
        ),
      )
      const sorted = (exceptions: readonly object[]) =>
        exceptions.map(one => JSON.stringify(canonical(one))).sort()
      assert.equal(sorted(emitted), sorted(declared))
    }),
)

const canonical = ({ selector, ...rest }: { readonly selector?: unknown }) => ({
  ...rest,
  selector: entriesAt(selector).sort(),
})

p4.run()
