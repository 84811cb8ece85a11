import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { modelOf } from '../support/model-of.ts'

const reading = suite('manifests read into a model')

const policy = (name: string, creationTimestamp?: unknown) => ({
  apiVersion: 'security.istio.io/v1',
  kind: 'PeerAuthentication',
  metadata: { name, namespace: 'shop', creationTimestamp },
  spec: { mtls: { mode: 'STRICT' } },
})

reading('an object without a time is younger than all that have one', () => {
  const { peerAuthentications } = modelOf([
    policy('b-unborn'),
    policy('a-unborn', null),
    policy('c-late', '2025-06-01T08:00:00Z'),
    policy('e-early', '2025-06-01T09:00:00+02:00'),
    policy('d-late', '2025-06-01T08:00:00Z'),
  ])
  assert.equal(
    peerAuthentications.map(({ name }) => name),
    ['e-early', 'c-late', 'd-late', 'a-unborn', 'b-unborn'],
  )
})

reading('a time that no API server writes is refused', () => {
  for (const time of ['yesterday', '2025-06-01', '2025-13-01T08:00:00Z', 5]) {
    const { refused, peerAuthentications } = modelOf([policy('strict', time)])
    assert.equal(peerAuthentications, [])
    assert.equal(
      refused.map(({ path, reason }) => [path, reason]),
      [[['metadata', 'creationTimestamp'], 'this is not a time']],
    )
  }
})

reading.run()
