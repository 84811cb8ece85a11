import { suite } from 'uvu'
import type { DiagnosticCode } from '../../compiler/diagnostics/diagnostic.ts'
import { plantedFault, soundSpec } from '../support/planted-fault.ts'

/** The rules for a ServiceEntry: systems outside the mesh. */
const test = suite('rules of a ServiceEntry')

const fault = (code: DiagnosticCode, what: string, spec: string, message: string) =>
  test(`${code}: ${what}`, () => plantedFault(code, spec, message))

const sound = (what: string, spec: string) => test(`nothing wrong: ${what}`, () => soundSpec(spec))

fault(
  'MESH3501',
  'a host belongs to two systems',
  `
services:
  cart: { namespace: shop, port: { http: 8080 } }
external:
  books: { hosts: [‹api.example.com›], port: { https: 443 }, allow: [{ from: cart }] }
  films: { hosts: [films.example.com, «api.example.com»], port: { http: 80 }, allow: [{ from: cart }] }
`,
  '`api.example.com` is a host of `books` already',
)

fault(
  'MESH3105',
  'a host is set twice',
  `
services:
  cart: { namespace: shop, port: { http: 8080 } }
external:
  books: { hosts: [‹api.example.com›, «api.example.com»], port: { https: 443 }, allow: [{ from: cart }] }
`,
  '`api.example.com` is in this list twice',
)

fault(
  'MESH3502',
  'a host of the cluster',
  `
services:
  cart: { namespace: shop, port: { http: 8080 } }
external:
  cart-again: { hosts: [«cart.shop.svc.cluster.local»], port: { http: 8080 }, allow: [{ from: cart }] }
`,
  '`cart.shop.svc.cluster.local` is a host of the cluster, not outside it',
)

fault(
  'MESH3502',
  'a short form of a host of the cluster',
  `
services:
  cart: { namespace: shop, port: { http: 8080 } }
external:
  cart-again: { hosts: [«cart.shop.svc»], port: { http: 8080 }, allow: [{ from: cart }] }
`,
  '`cart.shop.svc` is a host of the cluster, not outside it',
)

fault(
  'MESH3503',
  'the mesh speaks TLS to a port that speaks HTTP',
  `
services:
  cart: { namespace: shop, port: { http: 8080 } }
external:
  books: { hosts: [api.example.com], port: { http: ‹80› }, tls: «originate», allow: [{ from: cart }] }
`,
  '`tls: originate` does not fit a port that speaks http',
)

fault(
  'MESH3503',
  'TLS passes through to a port that speaks TCP',
  `
services:
  cart: { namespace: shop, port: { http: 8080 } }
external:
  books: { hosts: [api.example.com], port: { tcp: ‹5432› }, tls: «passthrough», addresses: [203.0.113.7], allow: [{ from: cart }] }
`,
  '`tls: passthrough` does not fit a port that speaks tcp',
)

fault(
  'MESH3504',
  'the mesh speaks TLS to a wildcard',
  `
services:
  cart: { namespace: shop, port: { http: 8080 } }
external:
  books: { hosts: [«'*.example.com'»], port: { https: 443 }, tls: ‹originate›, allow: [{ from: cart }] }
`,
  '`*.example.com` cannot be a wildcard: the mesh speaks TLS to it',
)

fault(
  'MESH3504',
  'a wildcard speaks HTTP',
  `
services:
  cart: { namespace: shop, port: { http: 8080 } }
external:
  books: { hosts: [«'*.example.com'»], port: { http: ‹80› }, allow: [{ from: cart }] }
`,
  '`*.example.com` cannot be a wildcard: it speaks http',
)

fault(
  'MESH3504',
  'a wildcard has addresses',
  `
services:
  cart: { namespace: shop, port: { http: 8080 } }
external:
  books: { hosts: [«'*.example.com'»], port: { https: 443 }, addresses: [‹203.0.113.7›], allow: [{ from: cart }] }
`,
  '`*.example.com` cannot be a wildcard: its addresses are fixed',
)

sound(
  'a wildcard passes through, beside a host of its own',
  `
services:
  cart: { namespace: shop, port: { http: 8080 } }
external:
  books: { hosts: ['*.example.com'], port: { https: 443 }, allow: [{ from: cart }] }
  films: { hosts: [films.example.com], port: { https: 443 }, tls: originate, timeout: 5s, allow: [{ from: cart }] }
`,
)

fault(
  'MESH3505',
  'a system that speaks TCP has no address',
  `
services:
  cart: { namespace: shop, port: { http: 8080 } }
external:
  ‹ledger›: { hosts: [ledger.example.com], port: { «tcp»: 5432 }, allow: [{ from: cart }] }
`,
  '`ledger` speaks TCP and has no `addresses`: it would match every connection to its port',
)

fault(
  'MESH3506',
  'a system that speaks TCP has two hosts',
  `
services:
  cart: { namespace: shop, port: { http: 8080 } }
external:
  ledger:
    hosts: [‹a.example.com›, «b.example.com»]
    port: { tcp: ‹5432› }
    addresses: [203.0.113.7]
    allow: [{ from: cart }]
`,
  '`ledger` speaks TCP: a proxy cannot tell its hosts apart',
)

fault(
  'MESH3507',
  'an address belongs to two systems',
  `
services:
  cart: { namespace: shop, port: { http: 8080 } }
external:
  ledger: { hosts: [ledger.example.com], port: { tcp: 5432 }, addresses: [‹203.0.113.7›], allow: [{ from: cart }] }
  orders: { hosts: [orders.example.com], port: { tcp: 5432 }, addresses: [203.0.113.8, «203.0.113.7»], allow: [{ from: cart }] }
`,
  '203.0.113.7:5432 belongs to `ledger` already',
)

fault(
  'MESH3105',
  'an address is set twice',
  `
services:
  cart: { namespace: shop, port: { http: 8080 } }
external:
  ledger: { hosts: [ledger.example.com], port: { tcp: 5432 }, addresses: [‹203.0.113.7›, «203.0.113.7»], allow: [{ from: cart }] }
`,
  '`203.0.113.7` is in this list twice',
)

sound(
  'an address has two ports',
  `
services:
  cart: { namespace: shop, port: { http: 8080 } }
external:
  ledger: { hosts: [ledger.example.com], port: { tcp: 5432 }, addresses: [203.0.113.7], allow: [{ from: cart }] }
  orders: { hosts: [orders.example.com], port: { tcp: 5433 }, addresses: [203.0.113.7], allow: [{ from: cart }] }
`,
)

fault(
  'MESH3508',
  'the mesh speaks TLS to addresses',
  `
services:
  cart: { namespace: shop, port: { http: 8080 } }
external:
  books: { hosts: [api.example.com], port: { https: 443 }, tls: ‹originate›, «addresses»: [203.0.113.7], allow: [{ from: cart }] }
`,
  '`books` cannot have `addresses`: with `tls: originate`, the mesh looks up the host itself',
)

fault(
  'MESH3509',
  'a timeout for what passes through',
  `
services:
  cart: { namespace: shop, port: { http: 8080 } }
external:
  books: { hosts: [api.example.com], port: { https: ‹443› }, «timeout»: 5s, allow: [{ from: cart }] }
`,
  '`timeout` has no effect: callers of `books` speak TLS, which the mesh passes through',
)

fault(
  'MESH3509',
  'retries over TCP',
  `
services:
  cart: { namespace: shop, port: { http: 8080 } }
external:
  ledger: { hosts: [ledger.example.com], port: { tcp: ‹5432› }, addresses: [203.0.113.7], «retries»: none, allow: [{ from: cart }] }
`,
  '`retries` has no effect: callers of `ledger` speak TCP, which the mesh passes through',
)

fault(
  'MESH3510',
  'an external system without allowed callers',
  `
services:
  cart: { namespace: shop, port: { http: 8080 } }
external:
  «books»: { hosts: [api.example.com], port: { https: 443 } }
`,
  'no caller may call `books`',
)

fault(
  'MESH3116',
  'the tries are longer than the timeout',
  `
services:
  cart: { namespace: shop, port: { http: 8080 } }
external:
  books:
    hosts: [api.example.com]
    port: { https: 443 }
    tls: originate
    timeout: ‹5s›
    retries: { attempts: ‹2›, perTryTimeout: «2s» }
    allow: [{ from: cart }]
`,
  '3 tries of 2s take 6s, more than the timeout of 5s',
)

fault(
  'MESH3502',
  'an address of the pod itself',
  `
services:
  web: { namespace: shop }
external:
  books: { hosts: [books.example.com], port: { tcp: 5432 }, addresses: [«127.0.0.1»], allow: [{ from: web }] }
`,
  '`127.0.0.1` is the pod of the caller itself',
)

const books = (fields: string) => `
services:
  cart: { namespace: shop, port: { http: 8080 } }
external:
  books: { ${fields}, allow: [{ from: cart }] }
`

fault(
  'MESH3504',
  'DNS has no wildcards',
  books("hosts: [«'*.example.com'»], port: { https: 443 }, resolution: ‹dns›"),
  '`*.example.com` cannot be a wildcard: DNS has no such name',
)

sound(
  'a wildcard with endpoints',
  books("hosts: ['*.example.com'], port: { https: 443 }, tls: originate, endpoints: { 203.0.113.7: 1 }"),
)

sound(
  'a wildcard whose names the mesh looks up',
  books("hosts: ['*.example.com'], port: { https: 443 }, resolution: dynamic-dns"),
)

fault(
  'MESH3507',
  'the same range is written in two ways',
  `
services:
  cart: { namespace: shop, port: { http: 8080 } }
external:
  books: { hosts: [books.example.com], port: { tcp: 5432 }, addresses: [‹10.1.2.3/16›], allow: [{ from: cart }] }
  films: { hosts: [films.example.com], port: { tcp: 5432 }, addresses: [«10.1.0.0/16»], allow: [{ from: cart }] }
`,
  '10.1.0.0/16:5432 belongs to `books` already',
)

sound(
  'a range, an address in it, and any address',
  `
services:
  cart: { namespace: shop, port: { http: 8080 } }
external:
  books: { hosts: [books.example.com], port: { tcp: 5432 }, addresses: [10.1.0.0/16], allow: [{ from: cart }] }
  films: { hosts: [films.example.com], port: { tcp: 5432 }, addresses: [10.1.2.3], resolution: dns, allow: [{ from: cart }] }
  songs: { hosts: [songs.example.com], port: { tcp: 5432 }, addresses: any, allow: [{ from: cart }] }
`,
)

sound(
  'the mesh speaks TLS, and finds the address',
  books(
    'hosts: [books.example.com], port: { https: 443 }, tls: originate, addresses: [203.0.113.9], resolution: dns-round-robin',
  ),
)

fault(
  'MESH3511',
  'a range is looked up',
  books('hosts: [books.example.com], port: { tcp: 5432 }, addresses: [«10.0.0.0/8»], resolution: ‹dns›'),
  '`10.0.0.0/8` is a range, and the mesh looks the hosts of `books` up',
)

fault(
  'MESH3511',
  'any address leads to an endpoint with a name',
  books(
    'hosts: [books.example.com], port: { tcp: 5432 }, addresses: «any», endpoints: { db.example.com: ‹1› }',
  ),
  '`any` is a range, and the mesh looks the hosts of `books` up',
)

sound(
  'any address leads to an endpoint',
  books('hosts: [books.example.com], port: { tcp: 5432 }, addresses: any, endpoints: { 203.0.113.7: 1 }'),
)

for (const [fields, why] of [
  [
    'hosts: [b.example.com], port: { http: 80 }, resolution: «none», ‹endpoints›: { 203.0.113.7: 1 }',
    'it has `endpoints`',
  ],
  [
    'hosts: [b.example.com], port: { http: 80 }, resolution: «dns-round-robin», ‹endpoints›: { a.example.com: 1, b.example.com: 1 }',
    'it has several endpoints',
  ],
  [
    "‹hosts›: ['*.example.com', b.example.com], port: { https: 443 }, resolution: «dynamic-dns»",
    'not all of its hosts are wildcards',
  ],
  [
    "hosts: ['*.example.com'], port: { https: 443 }, resolution: «dynamic-dns», ‹addresses›: [203.0.113.7]",
    'it has `addresses`',
  ],
  [
    "hosts: ['*.example.com'], port: { https: 443 }, resolution: «dynamic-dns», ‹endpoints›: { 203.0.113.7: 1 }",
    'it has `endpoints`',
  ],
  [
    "hosts: ['*.example.com'], port: { https: 443 }, ‹tls›: originate, resolution: «dynamic-dns»",
    'the mesh speaks TLS to it',
  ],
  ["hosts: ['*.example.com'], ‹port›: { http: 80 }, resolution: «dynamic-dns»", 'it speaks http'],
  [
    '‹hosts›: [a.example.com, b.example.com], port: { tls: 6380 }, addresses: [203.0.113.7], resolution: «dns»',
    'several hosts share its `addresses`',
  ],
] as const) {
  const word = /resolution: «([-a-z]+)»/.exec(fields)![1]
  fault(
    'MESH3512',
    `${word}, but ${why}`,
    books(fields),
    `\`resolution: ${word}\` does not fit \`books\`: ${why}`,
  )
}

fault(
  'MESH3512',
  'the names of endpoints are looked up, but several hosts share addresses',
  books(
    '‹hosts›: [a.example.com, b.example.com], port: { tls: 6380 }, addresses: [203.0.113.7], «endpoints»: { c.example.com: 1 }',
  ),
  '`resolution: dns` does not fit `books`: several hosts share its `addresses`',
)

fault(
  'MESH3513',
  'the callers speak TLS, but the mesh has a certificate',
  books('hosts: [b.example.com], port: { https: ‹443› }, «clientCertificate»: { secret: books-client }'),
  'the mesh cannot show a client certificate to `books`: its callers speak to it themselves',
)

fault(
  'MESH3513',
  'a certificate comes from a secret and from files',
  books(
    'hosts: [b.example.com], port: { https: 443 }, tls: originate, clientCertificate: { secret: ‹books-client›, «ca»: /etc/ca.crt }',
  ),
  'the client certificate of `books` comes from a secret and from files',
)

fault(
  'MESH3514',
  'a namespace gets no secret',
  `
services:
  cart: { namespace: shop, port: { http: 8080 } }
external:
  books:
    hosts: [b.example.com]
    port: { https: 443 }
    tls: originate
    clientCertificate: { secret: ‹books-client› }
    allow: [{ from: cart }, { from: «namespace/shop» }]
`,
  '`books` has a client certificate of a secret, which only the pods of a service can get',
)

fault(
  'MESH3514',
  'access is open',
  `
access: open
services:
  cart: { namespace: shop, port: { http: 8080 } }
external:
  «books»: { hosts: [b.example.com], port: { https: 443 }, tls: originate, ‹clientCertificate›: { secret: books-client } }
`,
  '`books` has a client certificate of a secret, which only the pods of a service can get',
)

sound(
  'any caller gets files',
  `
services:
  cart: { namespace: shop, port: { http: 8080 } }
external:
  books:
    hosts: [b.example.com]
    port: { https: 443 }
    tls: originate
    clientCertificate: { certificate: /etc/books/tls.crt, key: /etc/books/tls.key }
    allow: [{ from: namespace/shop }]
`,
)

/** A mesh with an egress gateway, and external systems. */
const leaving = (external: string, gateway = 'egress: true', workload = '') => `
gateways:
  outbound: { ${gateway} }
services:
  cart: { namespace: shop, port: { http: 8080 }${workload} }
external:
  ${external}
`

fault(
  'MESH2040',
  'a misspelt egress gateway',
  leaving(
    'bank: { hosts: [api.bank.example], port: { https: 443 }, through: «outbond», allow: [{ from: cart }] }',
  ),
  'the mesh has no egress gateway `outbond`',
)

fault(
  'MESH2040',
  'an ingress gateway is no egress gateway',
  leaving(
    'bank: { hosts: [api.bank.example], port: { https: 443 }, through: «public», allow: [{ from: cart }] }',
  ).replace(
    'gateways:',
    'gateways:\n  ‹public›: { hosts: [shop.example.com], certificate: { issuer: letsencrypt-prod } }',
  ),
  'the gateway `public` is not an egress gateway',
)

fault(
  'MESH2002',
  'an egress gateway has hosts',
  leaving(
    'bank: { hosts: [api.bank.example], port: { https: 443 }, through: outbound, allow: [{ from: cart }] }',
    '‹egress›: true, «hosts»: [shop.example.com]',
  ),
  'the gateway `outbound` sets both `egress` and `hosts`',
)

fault(
  'MESH3320',
  'a wildcard goes through a gateway',
  leaving(
    "files: { hosts: [‹'*.files.example'›], port: { https: 443 }, through: «outbound», allow: [{ from: cart }] }",
  ),
  '`files` cannot go through `outbound`: one of its hosts is a wildcard, which has no address',
)

fault(
  'MESH3320',
  'TCP goes through a gateway',
  leaving(
    'ledger: { hosts: [ledger.example], port: { ‹tcp›: 5432 }, addresses: [203.0.113.7], through: «outbound», allow: [{ from: cart }] }',
  ).replace('‹tcp›: 5432', 'tcp: ‹5432›'),
  '`ledger` cannot go through `outbound`: it speaks TCP, which names no host',
)

fault(
  'MESH3320',
  'the caller looks the host up',
  leaving(
    'bank: { hosts: [api.bank.example], port: { https: 443 }, resolution: ‹none›, through: «outbound», allow: [{ from: cart }] }',
  ),
  '`bank` cannot go through `outbound`: the caller looks the host up, and the gateway does not hear of the address',
)

fault(
  'MESH3321',
  'an unused egress gateway',
  leaving('bank: { hosts: [api.bank.example], port: { https: 443 }, allow: [{ from: cart }] }').replace(
    'outbound: {',
    '«outbound»: {',
  ),
  'no external system goes through the egress gateway `outbound`',
)

fault(
  'MESH3322',
  'two egress gateways have the same proxies',
  leaving(
    `bank: { hosts: [api.bank.example], port: { https: 443 }, through: outbound, allow: [{ from: cart }] }
  partner: { hosts: [api.partner.example], port: { https: 443 }, through: payments, allow: [{ from: cart }] }`,
    'egress: true, ‹workload›: { labels: { istio: egressgateway }, serviceAccount: proxies }',
  ).replace(
    '\nservices:',
    '\n  payments: { egress: true, «workload»: { labels: { istio: egressgateway }, serviceAccount: proxies } }\nservices:',
  ),
  'the gateways `outbound` and `payments` have the same proxies, and one of them is an egress gateway',
)

fault(
  'MESH3323',
  'a caller without a sidecar goes through a gateway',
  leaving(
    'bank: { hosts: [api.bank.example], port: { https: 443 }, through: outbound, allow: [{ from: «cart» }] }',
    'egress: true',
    ', workload: { sidecar: ‹off› }',
  ).replace(' port: { http: 8080 },', ''),
  'pods of `cart` do not call `bank` through `outbound`: they have no sidecar',
)

sound(
  'systems go through an egress gateway, with any TLS, and a namespace calls a system with a certificate of a secret',
  leaving(`bank: { hosts: [api.bank.example, eu.bank.example], port: { https: 443 }, through: outbound, allow: [{ from: cart }] }
  partner: { hosts: [api.partner.example], port: { https: 443 }, tls: originate, clientCertificate: { secret: partner }, through: outbound, allow: [{ from: namespace/shop }] }
  plain: { hosts: [plain.example], port: { http: 80 }, through: outbound, allow: [{ from: cart }] }
  redis: { hosts: [redis.example], port: { tls: 6380 }, endpoints: { 203.0.113.7: {} }, through: outbound, allow: [{ from: cart }] }`),
)

test.run()
