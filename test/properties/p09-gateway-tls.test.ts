import * as assert from 'uvu/assert'
import { listObjects } from '../support/output.ts'
import { property } from '../support/property.ts'
import { milliseconds } from '../support/quantities.ts'

/** P9. Every gateway answers for its hosts over TLS 1.2 or better, with a certificate that is made for them or there already. */
property(
  9,
  'the TLS of every gateway is complete: hosts, lowest version and a certificate for all hosts',
  [
    'a certificate of an issuer',
    'a secret that exists',
    'TLS 1.3',
    'TLS 1.2',
    'several hosts',
    'a wildcard',
    'no certificate',
    'proxies of another owner',
    'a port of its own',
  ],
  (compilation, { gateways }, saw) => {
    const emitted = listObjects(compilation, 'Gateway')
    const certificates = listObjects(compilation, 'Certificate')
    const named = ({ namespace, name }: { readonly namespace: string; readonly name: string }) =>
      `${namespace}/${name}`
    assert.equal(emitted.map(named).sort(), gateways.map(named).sort())
    const made = gateways.filter(({ spec }) => spec.certificate?.issuer !== undefined)
    assert.is(certificates.length, made.length, 'nothing is made that exists')

    for (const {
      name,
      namespace,
      podNamespace,
      spec,
      hosts,
      served: uncovered,
      labels,
      secret,
    } of gateways) {
      const gateway = emitted.find(manifest => manifest.name === name && manifest.namespace === namespace)!
      assert.equal(gateway.spec.selector, labels, `the pods of ${name}`)
      const [secure, ...servers] = gateway.spec.servers.filter(({ port }) => port.protocol === 'HTTPS')
      assert.equal(servers, [], `${name} has one HTTPS server`)
      if (spec.workload !== undefined) saw('proxies of another owner')
      if (secret === undefined) {
        assert.is(secure, undefined, `${name} has no HTTPS server`)
        saw('no certificate')
        continue
      }
      const { port, hosts: served, tls } = secure!
      assert.is(port.number, spec.ports?.https ?? 443, `the port of ${name}`)
      if (spec.ports?.https !== undefined) saw('a port of its own')
      assert.equal(
        served,
        uncovered.map(host => `./${host}`),
        `the hosts of ${name}`,
      )
      if (hosts.some(host => host.startsWith('*'))) saw('a wildcard')
      const minProtocolVersion = Number(spec.tls) === 1.3 ? 'TLSV1_3' : 'TLSV1_2'
      assert.equal(tls, { mode: 'SIMPLE', credentialName: secret, minProtocolVersion }, `the TLS of ${name}`)
      saw(Number(spec.tls) === 1.3 ? 'TLS 1.3' : 'TLS 1.2')
      if (hosts.length > 1) saw('several hosts')

      const { issuer, issuerKind = 'ClusterIssuer' } = spec.certificate ?? {}
      const sameNamed = certificates.filter(
        givenCertificate =>
          givenCertificate.namespace === podNamespace && givenCertificate.spec.secretName === secret,
      )
      if (issuer === undefined) {
        assert.equal(sameNamed, [], `the secret of ${name} exists already`)
        saw('a secret that exists')
        continue
      }
      const [certificate] = sameNamed
      assert.ok(certificate, `the gateway ${name} finds its certificate in the namespace of its pods`)
      const { dnsNames, issuerRef, duration, renewBefore } = certificate.spec
      assert.equal(dnsNames.toSorted(), hosts.toSorted(), `the names in the certificate of ${name}`)
      assert.is(issuerRef.name, issuer)
      assert.is(issuerRef.kind, issuerKind)
      // See https://cert-manager.io/docs/usage/certificate/
      assert.ok(milliseconds(duration!) >= 3_600_000, `${name}: ${duration} is an hour at least`)
      assert.ok(
        milliseconds(renewBefore!) < milliseconds(duration!),
        `${name}: ${renewBefore} of ${duration}`,
      )
      saw('a certificate of an issuer')
    }
  },
)
