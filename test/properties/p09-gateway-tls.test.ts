import * as assert from 'uvu/assert'
import { listObjects } from '../support/output.ts'
import { property } from '../support/property.ts'
import { milliseconds } from '../support/quantities.ts'

/**
 * P9. Every gateway serves its hosts over TLS 1.2 or later, with a certificate that is issued for them or
 * exists already.
 */
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
    'several certificates',
    'certificates of clients',
    'proxies of another owner',
    'a port of its own',
    'an egress gateway',
    'an east-west gateway',
  ],
  (compilation, { gateways, exits: all, crossings, externals }, saw) => {
    const emitted = listObjects(compilation, 'Gateway')
    const certificates = listObjects(compilation, 'Certificate')
    const named = ({ namespace, name }: { readonly namespace: string; readonly name: string }) =>
      `${namespace}/${name}`
    // An egress gateway has a server only if an external system uses it.
    const exits = all.filter(({ name }) => externals.some(({ exit }) => exit?.name === name))
    assert.equal(emitted.map(named).sort(), [...gateways, ...exits, ...crossings].map(named).sort())
    for (const exit of exits) {
      const { selector, servers } = emitted.find(manifest => named(manifest) === named(exit))!.spec
      assert.equal(selector, exit.labels, `the pods of ${exit.name}`)
      for (const { tls } of servers)
        assert.equal(
          tls,
          { mode: 'ISTIO_MUTUAL' },
          `${exit.name} knows its callers by the certificates of the mesh`,
        )
      saw('an egress gateway')
    }
    for (const crossing of crossings) {
      const { selector, servers } = emitted.find(manifest => named(manifest) === named(crossing))!.spec
      assert.equal(selector, crossing.labels, `the pods of ${crossing.name}`)
      const tls = { mode: 'AUTO_PASSTHROUGH' }
      assert.equal(servers, [
        { port: { number: 15443, name: 'tls', protocol: 'TLS' }, hosts: ['*.local'], tls },
      ])
      saw('an east-west gateway')
    }
    const made = gateways.flatMap(({ spec }) =>
      [spec.certificate, ...Object.values(spec.certificates ?? {})].filter(
        each => each?.issuer !== undefined,
      ),
    )
    assert.is(certificates.length, made.length, 'nothing is made that exists')

    for (const { name, namespace, podNamespace, spec, hosts: all, served: uncovered, labels } of gateways) {
      const gateway = emitted.find(manifest => manifest.name === name && manifest.namespace === namespace)!
      assert.equal(gateway.spec.selector, labels, `the pods of ${name}`)
      const secure = gateway.spec.servers.filter(({ port }) => port.protocol === 'HTTPS')
      if (spec.workload !== undefined) saw('proxies of another owner')
      const further = Object.entries(spec.certificates ?? {})
      const taken = further.flatMap(([, certificate]) => certificate?.hosts ?? [])
      const shown = [
        ...(spec.certificate == null
          ? []
          : [
              {
                source: spec.certificate,
                secret: spec.certificate.secret ?? `${name}-tls`,
                hosts: all.filter(host => !taken.includes(host)),
                clients: spec.clientCertificates,
                port: 'https',
              },
            ]),
        ...further.map(([key, certificate]) => ({
          source: certificate!,
          secret: certificate!.secret ?? `${name}-${key}-tls`,
          hosts: certificate!.hosts ?? [],
          clients: certificate!.clientCertificates,
          port: `https-${key}`,
        })),
      ]
      assert.equal(
        secure.map(({ port }) => port.name),
        shown.map(({ port }) => port),
        `${name} has a server for each certificate`,
      )
      if (shown.length === 0) saw('no certificate')
      if (shown.length > 1) saw('several certificates')
      for (const [index, { source, secret, hosts, clients }] of shown.entries()) {
        const { port, hosts: served, tls } = secure[index]!
        assert.is(port.number, spec.ports?.https ?? 443, `the port of ${name}`)
        if (spec.ports?.https !== undefined) saw('a port of its own')
        assert.equal(
          served,
          uncovered.filter(host => hosts.includes(host)).map(host => `./${host}`),
          `the hosts of ${name}`,
        )
        if (hosts.some(host => host.startsWith('*'))) saw('a wildcard')
        const minProtocolVersion = Number(spec.tls) === 1.3 ? 'TLSV1_3' : 'TLSV1_2'
        const ofClients = clients && {
          mode: clients.required === false ? 'OPTIONAL_MUTUAL' : 'MUTUAL',
          caCertCredentialName: clients.ca,
          ...(clients.names && { subjectAltNames: clients.names }),
        }
        const expected = { mode: 'SIMPLE', credentialName: secret, minProtocolVersion, ...ofClients }
        assert.equal(tls, expected, `the TLS of ${name}`)
        if (clients !== undefined) saw('certificates of clients')
        saw(Number(spec.tls) === 1.3 ? 'TLS 1.3' : 'TLS 1.2')
        if (hosts.length > 1) saw('several hosts')

        const { issuer, issuerKind = 'ClusterIssuer' } = source
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
    }
  },
)
