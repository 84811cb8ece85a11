import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { gatewaysOf, milliseconds } from './declared.ts'
import { at, everyMesh, listAt, ofKind } from './subject.ts'

const p9 = suite('P9 gateway TLS')

p9('P9: every gateway serves its hosts over TLS with a certificate for them, and port 80 as declared', () =>
  everyMesh(({ spec, objects }) => {
    const declared = gatewaysOf(spec)
    assert.equal(
      ofKind(objects, 'Gateway')
        .map(({ namespace, name }) => `${namespace}/${name}`)
        .sort(),
      declared.map(({ namespace, name }) => `${namespace}/${name}`).sort(),
    )
    for (const { name, namespace, spec: gateway } of declared) {
      const emitted = ofKind(objects, 'Gateway').find(one => one.name === name)
      assert.equal(at(emitted?.spec, 'selector'), { istio: name })
      const servers = listAt(emitted?.spec, 'servers')
      const byPort = new Map(servers.map(server => [at(server, 'port', 'number'), server]))
      assert.is(byPort.size, servers.length)
      const hosts = (gateway.hosts ?? []).map(host => `./${host}`)
      const secure = byPort.get(443)
      assert.equal(at(secure, 'hosts'), hosts)
      assert.is(at(secure, 'port', 'protocol'), 'HTTPS')
      assert.is(at(secure, 'tls', 'mode'), 'SIMPLE')
      assert.is(at(secure, 'tls', 'minProtocolVersion'), gateway.tls === 1.3 ? 'TLSV1_3' : 'TLSV1_2')
      for (const host of hosts) assert.not.match(host, /\*/)

      const secret = at(secure, 'tls', 'credentialName')
      const certificates = ofKind(objects, 'Certificate').filter(
        one => one.namespace === namespace && at(one.spec, 'secretName') === secret,
      )
      const { issuer } = gateway.certificate ?? {}
      assert.is(secret, gateway.certificate?.secret ?? `${name}-tls`)
      assert.is(certificates.length, issuer === undefined ? 0 : 1)
      for (const { spec: certificate } of certificates) {
        assert.equal(at(certificate, 'dnsNames'), gateway.hosts)
        assert.is(at(certificate, 'issuerRef', 'name'), issuer)
        assert.is(at(certificate, 'issuerRef', 'kind'), gateway.certificate?.issuerKind ?? 'ClusterIssuer')
        assert.ok(
          milliseconds(at(certificate, 'renewBefore')) < milliseconds(at(certificate, 'duration')),
          'a certificate is renewed while it is valid',
        )
      }

      const plain = byPort.get(80)
      const word = gateway.http ?? 'redirect'
      assert.is(plain === undefined, word === 'off')
      assert.is(at(plain, 'tls', 'httpsRedirect'), word === 'redirect' ? true : undefined)
    }
  }),
)

p9.run()
