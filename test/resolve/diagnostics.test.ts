import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { resolveDiagnostics } from '../../compiler/resolve/diagnostics.ts'
import { entry, listFindings, resolveTexts } from './resolve-spec.ts'

const diagnostics = suite('resolve: diagnostics')

interface Case {
  /** The rule that the wrong spec violates. */
  readonly name: string
  /** The spec without its first two lines. */
  readonly text: string
  readonly findings: readonly string[]
}

const cases: readonly Case[] = [
  {
    name: 'a called service has a port',
    text: `
      services:
        cart:
          namespace: shop
          allow: [{ from: cart }]
    `,
    findings: [
      'error MESH2001 at 4 "cart": `cart` does not say its port',
      '  help: for example `port: { http: 8080 }`',
      '  at 6 "allow": this is about calls of it',
    ],
  },
  {
    name: 'a gateway has hosts and a certificate',
    text: `
      gateways:
        public: {}
    `,
    findings: [
      'error MESH2001 at 4 "public": the gateway `public` does not say its `hosts`',
      '  help: for example `hosts: [api.example.com]`',
      'error MESH2001 at 4 "public": the gateway `public` does not say where its certificate comes from',
      '  help: for example `certificate: { issuer: letsencrypt-prod }`; for plain HTTP only, set `http: serve`',
    ],
  },
  {
    name: 'a certificate comes from somewhere',
    text: `
      gateways:
        public:
          hosts: [api.example.com]
          certificate: { duration: 24h }
    `,
    findings: [
      'error MESH2001 at 6 "certificate": the gateway `public` does not say where its certificate comes from',
      '  help: for example `certificate: { issuer: letsencrypt-prod }`; for plain HTTP only, set `http: serve`',
    ],
  },
  {
    name: 'a gateway without a certificate serves plain HTTP only',
    text: `
      gateways:
        public: { hosts: [api.example.com], http: serve, tls: 1.3 }
        partners: { hosts: [b2b.example.com], http: serve }
    `,
    findings: [
      'error MESH2001 at 4 "public": the gateway `public` does not say where its certificate comes from',
      '  help: for example `certificate: { issuer: letsencrypt-prod }`; for plain HTTP only, remove `certificate`, `tls` and `ports.https`',
    ],
  },
  {
    name: 'no issuer signs a certificate for every host',
    text: `
      gateways:
        public: { hosts: ['*'], certificate: { issuer: letsencrypt-prod } }
        partners: { hosts: ['*.example.com'], certificate: { issuer: letsencrypt-prod } }
    `,
    findings: [
      'error MESH2001 at 4 "issuer": the gateway `public` does not say which `secret` has its certificate for `*`',
      '  help: for example `certificate: { secret: public-tls }`',
      '  at 4 "\'*\'": no issuer signs a certificate for every host',
    ],
  },
  {
    name: 'proxies of another owner have labels and an account, and their owner sets the rest',
    text: `
      gateways:
        public:
          hosts: [api.example.com]
          certificate: { secret: api-tls }
          workload: {}
          replicas: { max: 3 }
    `,
    findings: [
      'error MESH2001 at 7 "workload": the gateway `public` does not say the `labels` of its `workload`',
      '  help: for example `labels: { istio: ingressgateway }`',
      'error MESH2001 at 7 "workload": the gateway `public` does not say the `serviceAccount` of its `workload`',
      '  help: for example `serviceAccount: istio-ingressgateway-service-account`',
      'error MESH2002 at 8 "replicas": the gateway `public` sets both `workload` and `replicas`',
      '  help: remove `replicas`, which the owner of the proxies sets, or `workload`: meshc then installs proxies',
      '  at 7 "workload": its `workload`',
    ],
  },
  {
    name: 'a port of TCP that the gateway does not declare',
    text: `
      gateways:
        public: { tcp: { postgres: { port: 5432 } } }
      services:
        db:
          namespace: shop
          port: { postgres: 5432 }
          expose: [{ gateway: public, tcp: postgers }]
          allow: [{ from: gateway/public }]
    `,
    findings: [
      'error MESH2029 at 9 "postgers": the gateway `public` has no port `postgers` under `tcp`',
      '  help: did you mean `postgres`?',
    ],
  },
  {
    name: 'a port of a listener that is off',
    text: `
      gateways:
        public: { hosts: [api.example.com], certificate: { secret: api-tls }, http: off, ports: { http: 8080 } }
    `,
    findings: [
      'error MESH2002 at 4 "http": the gateway `public` sets both `http: off` and `ports.http`',
      '  help: remove `ports.http`: nothing listens there',
      '  at 4 "http": its `http`',
    ],
  },
  {
    name: 'an external system has hosts and a port',
    text: `
      external:
        stripe: {}
    `,
    findings: [
      'error MESH2001 at 4 "stripe": the external system `stripe` does not say its `hosts`',
      '  help: for example `hosts: [api.example.com]`',
      'error MESH2001 at 4 "stripe": the external system `stripe` does not say its port',
      '  help: for example `port: { https: 443 }`',
    ],
  },
  {
    name: 'a client certificate comes from somewhere',
    text: `
      external:
        stripe: { hosts: [api.stripe.com], port: { https: 443 }, tls: originate, clientCertificate: {} }
        bank: { hosts: [api.bank.example], port: { https: 443 }, tls: originate, clientCertificate: { key: /k.pem } }
        maps: { hosts: [maps.example.com], port: { https: 443 }, tls: originate, clientCertificate: { certificate: /c.pem } }
    `,
    findings: [
      'error MESH2001 at 4 "clientCertificate": the external system `stripe` does not say the source of its client certificate',
      '  help: for example `clientCertificate: { secret: my-client }`',
      'error MESH2001 at 5 "clientCertificate": the external system `bank` does not say the `certificate` of its client certificate',
      '  help: for example `clientCertificate: { certificate: /etc/tls/tls.crt, key: /k.pem }`',
      'error MESH2001 at 6 "clientCertificate": the external system `maps` does not say the `key` of its client certificate',
      '  help: for example `clientCertificate: { certificate: /c.pem, key: /etc/tls/tls.key }`',
    ],
  },
  {
    name: 'a caller of the surroundings is there',
    text: `
      services:
        cart:
          namespace: shop
          port: { http: 8080 }
          allow: [{ from: legacy/batch }]
    `,
    findings: [
      'error MESH2024 at 7 "legacy/batch": the surroundings have no workload `legacy/batch`',
      '  help: add the folder of its manifests to `surroundings`, or name its identity: `external-caller/<identity>`',
    ],
  },
  {
    name: 'tokens have an issuer and keys',
    text: `
      services:
        cart:
          namespace: shop
          port: { http: 8080 }
          jwt: { audiences: [cart] }
    `,
    findings: [
      'error MESH2001 at 7 "{ audiences: [cart] }": `jwt` of `cart` does not say the `issuer`',
      '  help: for example `issuer: https://login.example.com`',
      'error MESH2001 at 7 "{ audiences: [cart] }": `jwt` of `cart` does not say the `jwks`',
      '  help: for example `jwks: https://login.example.com/.well-known/jwks.json`',
    ],
  },
  {
    name: 'traces go somewhere',
    text: `
      observability:
        tracing: { provider: zipkin }
    `,
    findings: [
      'error MESH2001 at 4 "tracing": `tracing` does not say the `collector`',
      '  help: for example `collector: jaeger-collector.observability:4317`',
    ],
  },
  {
    name: 'a fault does something',
    text: `
      services:
        cart:
          namespace: shop
          port: { http: 8080 }
          fault: { share: 10% }
    `,
    findings: [
      'error MESH2001 at 7 "{ share: 10% }": the fault of `cart` does not say its `delay` or `abort`',
      '  help: for example `delay: 7s`',
    ],
  },
  {
    name: 'a redirect leads somewhere',
    text: `
      services:
        cart:
          namespace: shop
          port: { http: 8080 }
          routes:
            - name: moved
              redirect: { code: 308 }
    `,
    findings: [
      'error MESH2001 at 9 "{ code: 308 }": the route `moved` of `cart` does not say where its `redirect` leads',
      '  help: for example `redirect: { path: /v2/ }`',
    ],
  },
  {
    name: 'cross-origin requests come from somewhere',
    text: `
      gateways:
        public: { hosts: [api.example.com], certificate: { secret: api-tls } }
      services:
        cart:
          namespace: shop
          port: { http: 8080 }
          expose: [{ gateway: public, host: api.example.com, cors: { methods: [GET] } }]
    `,
    findings: [
      'error MESH2001 at 9 "{ methods: [GET] }": `cors` does not say which `origins` may call',
      '  help: for example `origins: [https://app.example.com]`',
    ],
  },
  {
    name: 'an expectation says who',
    text: `
      services:
        cart: { namespace: shop, port: { http: 8080 } }
      expect: [{ to: cart }]
    `,
    findings: [
      'error MESH2001 at 5 "{ to: cart }": the expectation about `cart` does not say `only`, `never` or `from`',
      '  help: for example `only: [my-api]`',
    ],
  },
  {
    name: 'one way to say ports',
    text: `
      services:
        cart:
          namespace: shop
          port: { http: 8080 }
          ports: { grpc: 9090 }
    `,
    findings: [
      'error MESH2002 at 6 "port": `cart` sets both `port` and `ports`',
      '  help: move the port into `ports`',
      '  at 7 "ports": its `ports`',
    ],
  },
  {
    name: 'one way to share traffic',
    text: `
      services:
        ratings:
          namespace: shop
          port: { http: 9080 }
          versions: { blue: {}, green: {} }
          traffic: { blue: 100% }
          active: blue
    `,
    findings: [
      'error MESH2002 at 8 "traffic": `ratings` sets both `traffic` and `active`',
      '  help: `active` gives everything to one version, `traffic` shares it: keep one',
      '  at 9 "active": its `active`',
    ],
  },
  {
    name: 'a route redirects or sends on',
    text: `
      services:
        cart:
          namespace: shop
          port: { http: 8080 }
          versions: { v1: {} }
          routes:
            - name: moved
              traffic: { v1: 100% }
              redirect: { path: /v2/ }
    `,
    findings: [
      'error MESH2002 at 10 "traffic": the route `moved` of `cart` sets both `traffic` and `redirect`',
      '  help: a route answers with a redirect or sends requests on: keep one',
      '  at 11 "redirect": its `redirect`',
    ],
  },
  {
    name: 'a certificate has one origin',
    text: `
      gateways:
        public:
          hosts: [api.example.com]
          certificate: { issuer: letsencrypt-prod, secret: api-tls }
    `,
    findings: [
      'error MESH2002 at 6 "issuer": the gateway `public` sets both `issuer` and `secret`',
      '  help: an `issuer` makes the certificate, a `secret` exists already: keep one',
      '  at 6 "secret": its `secret`',
    ],
  },
  {
    name: 'no service is called anyone',
    text: `
      services:
        anyone: { namespace: shop, port: { http: 8080 } }
    `,
    findings: [
      'error MESH2003 at 4 "anyone": `anyone` is a reserved word: it cannot name a service',
      '  help: choose another key, and set `name: anyone` if the Kubernetes Service has this name',
    ],
  },
  {
    name: 'several namespaces',
    text: `
      services:
        cart: { namespace: shop, port: { http: 8080 } }
        web: { namespace: web, port: { http: 8080 } }
        search: { port: { http: 8080 } }
    `,
    findings: [
      'error MESH2004 at 6 "search": `search` does not set its namespace, and the mesh has several',
      '  help: set `namespace`: the mesh has `shop` and `web`',
    ],
  },
  {
    name: 'no namespace',
    text: `
      services:
        search: { port: { http: 8080 } }
    `,
    findings: [
      'error MESH2004 at 4 "search": `search` does not set its namespace, and the mesh declares none',
      '  help: for example `namespace: search`',
    ],
  },
  {
    name: `a caller's namespace`,
    text: `
      namespaces: { monitoring: {} }
      services:
        cart:
          namespace: shop
          port: { http: 8080 }
          allow: [{ from: namespace/monitorin }, { from: namespace/prometheus }]
    `,
    findings: [
      'error MESH2005 at 8 "namespace/monitorin": the mesh has no namespace `monitorin`',
      '  help: did you mean `namespace/monitoring`?',
      'error MESH2005 at 8 "namespace/prometheus": the mesh has no namespace `prometheus`',
      '  help: list it under `namespaces` if it exists: `prometheus: {}`',
    ],
  },
  {
    name: `an external system's namespace`,
    text: `
      services:
        cart: { namespace: shop, port: { http: 8080 } }
      external:
        stripe: { namespace: shpo, hosts: [api.stripe.com], port: { https: 443 }, allow: [{ from: cart }] }
    `,
    findings: [
      'error MESH2005 at 6 "shpo": the mesh has no namespace `shpo`',
      '  help: did you mean `shop`?',
    ],
  },
  {
    name: 'the root namespace',
    text: `
      namespaces: { istio-system: { mtls: permissive } }
    `,
    findings: [
      'error MESH2006 at 3 "istio-system": `istio-system` is the root namespace: a setting there applies to the whole mesh',
      '  help: set `mtls` at the top of the spec, and leave the namespace out of `namespaces`',
    ],
  },
  {
    name: 'callers',
    text: `
      gateways:
        public: { hosts: [api.example.com], certificate: { secret: api-tls } }
      services:
        cart:
          namespace: shop
          port: { http: 8080 }
          allow:
            - from: crat
            - from: public
            - from: shop
            - from: gateway/publik
            - from: everyone
    `,
    findings: [
      'error MESH2007 at 10 "crat": the mesh has no service `crat`',
      '  help: did you mean `cart`?',
      'error MESH2007 at 11 "public": the mesh has no service `public`',
      '  help: did you mean `gateway/public`?',
      'error MESH2007 at 12 "shop": the mesh has no service `shop`',
      '  help: did you mean `namespace/shop`?',
      'error MESH2007 at 13 "gateway/publik": the mesh has no gateway `publik`',
      '  help: did you mean `gateway/public`?',
      'error MESH2007 at 14 "everyone": the mesh has no service `everyone`',
      '  help: there is `cart`',
    ],
  },
  {
    name: 'no gateway',
    text: `
      services:
        cart:
          namespace: shop
          port: { http: 8080 }
          expose: [{ gateway: public, host: api.example.com }]
          allow: [{ from: gateway/public }]
    `,
    findings: [
      'error MESH2018 at 7 "public": the mesh has no gateway `public`',
      '  help: declare it under `gateways`',
      'error MESH2007 at 8 "gateway/public": the mesh has no gateway `public`',
      '  help: declare it under `gateways`',
    ],
  },
  {
    name: 'callers of an external system',
    text: `
      gateways:
        public: { hosts: [api.example.com], certificate: { secret: api-tls } }
      external:
        stripe:
          hosts: [api.stripe.com]
          port: { https: 443 }
          allow: [{ from: gateway/public }, { from: external-caller/old.example.com/ns/x/sa/y }]
    `,
    findings: [
      'error MESH2008 at 9 "gateway/public": `gateway/public` cannot call `stripe`: only services of the mesh can',
      '  help: name a service, `namespace/<name>` or `anyone`',
      'error MESH2008 at 9 "external-caller/old.example.com/ns/x/sa/y": `external-caller/old.example.com/ns/x/sa/y` cannot call `stripe`: only services of the mesh can',
      '  help: name a service, `namespace/<name>` or `anyone`',
    ],
  },
  {
    name: `a port's protocol`,
    text: `
      services:
        cart: { namespace: shop, port: { target: 8080 } }
        web: { namespace: shop, ports: { public: { http: 80, grpc: 90 } } }
      external:
        stripe: { hosts: [api.stripe.com], port: { https: 443, http: 80 } }
    `,
    findings: [
      'error MESH2009 at 4 "{ target: 8080 }": the port of `cart` does not declare its protocol',
      '  help: write its protocol with its number: `{ http: 8080 }`',
      'error MESH2009 at 5 "{ http: 80, grpc: 90 }": the port `public` of `web` speaks `grpc` and `http`: a port speaks one protocol',
      '  help: give each protocol a port of its own under `ports`',
      'error MESH2009 at 7 "{ https: 443, http: 80 }": the port of `stripe` speaks `http` and `https`: a port speaks one protocol',
      '  help: give each protocol a port of its own under `ports`',
    ],
  },
  {
    name: `a number's protocol`,
    text: `
      services:
        cart:
          namespace: shop
          ports: { metrics: 9102, https-admin: 9103, httpx: 9104 }
    `,
    findings: [
      'error MESH2010 at 6 "metrics": `metrics` does not begin with a protocol, and the port declares none',
      '  help: write `metrics: { http: 9102 }`, or another protocol in place of `http`',
      'error MESH2010 at 6 "httpx": `httpx` does not begin with a protocol, and the port declares none',
      '  help: write `httpx: { http: 9104 }`, or another protocol in place of `http`',
    ],
  },
  {
    name: `a name's protocol`,
    text: `
      services:
        cart:
          namespace: shop
          ports: { http-admin: { grpc: 9103 }, tcp-db: { redis: 6379 } }
    `,
    findings: [
      'error MESH2011 at 6 "http-admin": the name of the port `http-admin` begins with http, but the port speaks grpc',
      '  help: Istio reads the protocol from the name: call it `grpc-admin`',
      'error MESH2011 at 6 "tcp-db": the name of the port `tcp-db` begins with tcp, but the port speaks redis',
      '  help: Istio reads the protocol from the name: call it `redis-db`',
    ],
  },
  {
    name: 'ports by name',
    text: `
      gateways:
        public: { hosts: [api.example.com], certificate: { secret: api-tls } }
      services:
        cart:
          namespace: shop
          ports: { http: 8080, metrics: { tcp: 9102 } }
          expose: [{ gateway: public, host: api.example.com, port: htpp }]
          allow: [{ from: cart, ports: [metric, tcp-metrics] }]
    `,
    findings: [
      'error MESH2012 at 9 "htpp": `cart` has no port `htpp`',
      '  help: did you mean `http`?',
      'error MESH2012 at 10 "metric": `cart` has no port `metric`',
      '  help: did you mean `metrics`?',
      'error MESH2012 at 10 "tcp-metrics": `cart` has no port `tcp-metrics`',
      '  help: there is `http` and `metrics`',
    ],
  },
  {
    name: 'exposed ports',
    text: `
      gateways:
        public: { hosts: [api.example.com], certificate: { secret: api-tls } }
      services:
        cart-db:
          namespace: shop
          port: { redis: 6379 }
          expose: [{ gateway: public, host: api.example.com }, { gateway: public, host: api.example.com, port: redis }]
    `,
    findings: [
      'error MESH2013 at 9 "{ gateway: public, host: api.example.com }": `cart-db` has no port that speaks HTTP, so a gateway cannot lead to it',
      '  help: a gateway leads to a port that speaks `http`, `http2`, `grpc` or `grpc-web`',
      '  at 8 "port": `redis` speaks redis',
      'error MESH2013 at 9 "redis": the port `redis` of `cart-db` does not speak HTTP, so a gateway cannot lead to it',
      '  help: a gateway leads to a port that speaks `http`, `http2`, `grpc` or `grpc-web`',
      '  at 8 "port": it speaks redis',
    ],
  },
  {
    name: 'versions',
    text: `
      services:
        cart:
          namespace: shop
          port: { http: 8080 }
          traffic: { v1: 100% }
        my-api:
          namespace: shop
          port: { http: 8080 }
          versions: { stable: { version: v1 }, canary: { version: v2 } }
          traffic: { stable: 90%, canray: 10% }
          mirror: { next: 5% }
        ratings:
          namespace: shop
          port: { http: 8080 }
          versions: { blue: {}, green: {} }
          active: bleu
    `,
    findings: [
      'error MESH2014 at 7 "v1": `cart` has no version `v1`',
      '  help: declare it: `versions: { v1: {} }`',
      'error MESH2014 at 12 "canray": `my-api` has no version `canray`',
      '  help: did you mean `canary`?',
      '  at 11 "versions": the versions of `my-api`',
      'error MESH2014 at 13 "next": `my-api` has no version `next`',
      '  help: there is `canary` and `stable`',
      '  at 11 "versions": the versions of `my-api`',
      'error MESH2014 at 18 "bleu": `ratings` has no version `bleu`',
      '  help: did you mean `blue`?',
      '  at 17 "versions": the versions of `ratings`',
    ],
  },
  {
    name: 'a share for a service that is not there',
    text: `
      services:
        orders:
          namespace: shop
          port: { http: 8080 }
          traffic: { service/orders: 90%, service/ordres-v2: 10% }
        orders-v2: { namespace: shop, port: { http: 8080 } }
    `,
    findings: [
      'error MESH2030 at 7 "service/ordres-v2": the mesh has no service `ordres-v2`',
      '  help: did you mean `orders-v2`?',
    ],
  },
  {
    name: 'several versions',
    text: `
      services:
        reviews:
          namespace: shop
          port: { http: 8080 }
          versions: { v1: {}, v2: {} }
    `,
    findings: [
      'error MESH2015 at 4 "reviews": `reviews` does not declare which version gets its traffic',
      '  help: it has `v1` and `v2`: set `traffic: { v1: 100% }` or `active: v1`',
      '  at 7 "versions": the versions of `reviews`',
    ],
  },
  {
    name: 'shares of several versions of which none is left',
    text: `
      services:
        reviews:
          namespace: shop
          port: { http: 8080 }
          versions: { v1: {}, v2: {} }
          traffic: {}
    `,
    findings: [
      'error MESH2015 at 4 "reviews": `reviews` does not declare which version gets its traffic',
      '  help: it has `v1` and `v2`: set `traffic: { v1: 100% }` or `active: v1`',
      '  at 7 "versions": the versions of `reviews`',
    ],
  },
  {
    name: 'a route of several versions',
    text: `
      services:
        reviews:
          namespace: shop
          port: { http: 8080 }
          versions: { v1: {}, v2: {} }
          routes:
            - { name: slow, when: { paths: [/slow] }, timeout: 10s }
            - { name: everyone, traffic: { v1: 100% } }
    `,
    findings: [
      'error MESH2015 at 9 "slow": the route `slow` of `reviews` does not declare which version gets its traffic',
      '  help: it has `v1` and `v2`: set `traffic: { v1: 100% }` or `active: v1`',
      '  at 7 "versions": the versions of `reviews`',
    ],
  },
  {
    name: 'requests left over',
    text: `
      services:
        reviews:
          namespace: shop
          port: { http: 8080 }
          versions: { v1: {}, v2: {} }
          routes:
            - { name: testers, when: { headers: { end-user: jason } }, traffic: { v2: 100% } }
    `,
    findings: [
      'error MESH2016 at 8 "routes": some requests match no route of `reviews`',
      '  help: add a last route without `when`, or set `traffic: { v1: 100% }` of the service for the rest',
      '  at 9 "when": the last route takes only these',
    ],
  },
  {
    name: 'empty conditions',
    text: `
      services:
        reviews:
          namespace: shop
          port: { http: 8080 }
          fault: { delay: 7s, when: {} }
          routes:
            - { name: all, when: { headers: {} }, rewrite: { path: / } }
    `,
    findings: [
      'error MESH2017 at 7 "{}": `when` of the fault of `reviews` is empty',
      '  help: remove `when` to match every request',
      'error MESH2017 at 9 "{ headers: {} }": `when` of the route `all` of `reviews` is empty',
      '  help: remove `when` to match every request',
    ],
  },
  {
    name: 'gateways',
    text: `
      gateways:
        public: { hosts: [api.example.com], certificate: { secret: api-tls } }
      services:
        cart:
          namespace: shop
          port: { http: 8080 }
          expose:
            - { gateway: pubic, host: api.example.com }
            - { gateway: public, host: api.exmaple.com }
            - { gateway: public, host: shop.test }
    `,
    findings: [
      'error MESH2018 at 10 "pubic": the mesh has no gateway `pubic`',
      '  help: did you mean `public`?',
      'error MESH2019 at 11 "api.exmaple.com": `api.exmaple.com` is not a host of the gateway `public`',
      '  help: did you mean `api.example.com`?',
      '  at 4 "hosts": the hosts of `public`',
      'error MESH2019 at 12 "shop.test": `shop.test` is not a host of the gateway `public`',
      '  help: add it to the hosts of `public`',
      '  at 4 "hosts": the hosts of `public`',
    ],
  },
  {
    name: 'destinations and callers of expectations',
    text: `
      services:
        cart: { namespace: shop, port: { http: 8080 } }
      external:
        stripe: { hosts: [api.stripe.com], port: { https: 443 } }
      expect:
        - { to: crat, only: [cart] }
        - { to: stripe, only: [cart] }
        - { to: external/strip, only: [cart] }
        - { to: cart, only: [web], from: gateway/public }
    `,
    findings: [
      'error MESH2020 at 8 "crat": the mesh has no service `crat`',
      '  help: did you mean `cart`?',
      'error MESH2020 at 9 "stripe": the mesh has no service `stripe`',
      '  help: did you mean `external/stripe`?',
      'error MESH2020 at 10 "external/strip": the mesh has no external system `strip`',
      '  help: did you mean `external/stripe`?',
      'error MESH2007 at 11 "web": the mesh has no service `web`',
      '  help: there is `cart`',
      'error MESH2007 at 11 "gateway/public": the mesh has no gateway `public`',
      '  help: declare it under `gateways`',
    ],
  },
  {
    name: `a collector's namespace`,
    text: `
      observability:
        tracing: { collector: "jaeger:4317" }
    `,
    findings: [
      'error MESH2021 at 4 ""jaeger:4317"": `jaeger` does not name the namespace of the collector',
      '  help: write `jaeger.<namespace>:4317`',
    ],
  },
  {
    name: 'a collector outside the cluster',
    text: `
      observability:
        tracing: { collector: "otlp.example.com:4317" }
    `,
    findings: [
      'error MESH2021 at 4 ""otlp.example.com:4317"": `otlp.example.com` is not a Service of the cluster, and proxies send traces to no other host',
      '  help: write `<service>.<namespace>:4317` of a collector in the cluster, which can forward traces',
    ],
  },
  {
    name: 'traffic that no route uses',
    text: `
      services:
        reviews:
          namespace: shop
          port: { http: 8080 }
          versions: { v1: {}, v2: {} }
          traffic: { v1: 100% }
          routes:
            - { name: everyone, traffic: { v2: 100% } }
    `,
    findings: [
      'warning MESH2022 at 8 "traffic": `traffic` of `reviews` has no effect: every route sets its own destination',
      '  help: remove `traffic`, or remove `traffic` from the last route',
    ],
  },
]

for (const { name, text, findings } of cases) {
  diagnostics(name, () => assert.equal(listFindings(text), findings))
}

diagnostics('a spec sets its language and its name', () => {
  assert.equal(resolveTexts({ [entry]: 'mtls: strict' }).findings, [
    'error MESH2001 at 1 "mtls: strict": the spec does not say the version of its language',
    '  help: for example `meshc: v1`',
    'error MESH2001 at 1 "mtls: strict": the spec does not say the name of the mesh',
    '  help: for example `mesh: shop`',
  ])
})

diagnostics('an environment needs a name if its folder has no valid name', () => {
  const text = 'meshc: v1\nmesh: shop\n'
  assert.equal(resolveTexts({ 'spec/EU.1/mesh.yaml': text }, 'spec/EU.1/mesh.yaml').findings, [
    'error MESH2001 at 1 "meshc: v1": the spec does not say the name of the environment',
    '  help: for example `environment: prod`',
  ])
})

diagnostics('an environment whose name differs from its folder is reported', () => {
  const text = 'meshc: v1\nmesh: shop\nenvironment: staging\n'
  assert.equal(resolveTexts({ 'spec/prod/mesh.yaml': text }, 'spec/prod/mesh.yaml').findings, [
    'warning MESH2023 at 3 "staging": the environment is called `staging`, but its folder is called `prod`',
    '  help: rename one of them: commands and `out/` use `prod`, Argo CD and alerts use `staging`',
  ])
  assert.equal(resolveTexts({ 'spec/staging/mesh.yaml': text }, 'spec/staging/mesh.yaml').findings, [])
})

diagnostics('a service accepts tokens of an undeclared issuer', () => {
  const text = `services:
  web: { namespace: shop, port: { http: 80 }, jwt: { issuers: [crop] }, allow: [] }
issuers:
  corp: { issuer: https://login.example.com, jwks: https://login.example.com/keys }`
  const findings = listFindings(text)
  assert.is(findings.length, 2, findings.join('\n'))
  assert.match(findings[0]!, /^error MESH2027 at \d+ "crop": the spec declares no issuer `crop`$/)
  assert.is(findings[1], '  help: did you mean `corp`?')
})

diagnostics('a service asks an undeclared authorizer', () => {
  const text = `services:
  web: { namespace: shop, port: { http: 80 }, authorize: { by: oppa }, allow: [] }
authorizers:
  opa: { grpc: opa.policy:9191 }`
  const findings = listFindings(text)
  assert.is(findings.length, 2, findings.join('\n'))
  assert.match(findings[0]!, /^error MESH2028 at \d+ "oppa": the spec declares no authorizer `oppa`$/)
  assert.is(findings[1], '  help: did you mean `opa`?')
})

diagnostics('a limit names an undeclared rate limiter', () => {
  const text = `services:
  web: { namespace: shop, port: { http: 80 }, rateLimit: { limiter: sharde, requests: 5/s }, allow: [] }
rateLimiters:
  shared: { grpc: ratelimit.limits:8081 }`
  const findings = listFindings(text)
  assert.is(findings.length, 2, findings.join('\n'))
  assert.match(findings[0]!, /^error MESH2050 at \d+ "sharde": the spec declares no rate limiter `sharde`$/)
  assert.is(findings[1], '  help: did you mean `shared`?')
})

diagnostics('an external system goes through an undeclared egress gateway', () => {
  const text = `gateways:
  outbound: { egress: true }
external:
  stripe: { hosts: [api.stripe.com], port: { https: 443 }, through: outbond }`
  const findings = listFindings(text)
  assert.is(findings.length, 2, findings.join('\n'))
  assert.match(findings[0]!, /^error MESH2040 at \d+ "outbond": the mesh has no egress gateway `outbond`$/)
  assert.is(findings[1], '  help: did you mean `outbound`?')
})

diagnostics('a namespace joins an undeclared control plane', () => {
  const text = `istio:
  revisions: { stable: { tags: [prod] }, canary: {} }
  revision: prd
namespaces:
  shop: { revision: cannary }`
  const findings = listFindings(text)
  assert.is(findings.length, 4, findings.join('\n'))
  assert.match(findings[0]!, /^error MESH2045 at \d+ "prd": the mesh has no control plane `prd`$/)
  assert.is(findings[1], '  help: did you mean `prod`?')
  assert.match(findings[2]!, /^error MESH2045 at \d+ "cannary": the mesh has no control plane `cannary`$/)
  assert.is(findings[3], '  help: did you mean `canary`?')
})

diagnostics('namespaces without `revision` have no default control plane', () => {
  const findings = listFindings('istio:\n  revisions: { stable: {}, canary: {} }')
  assert.is(findings.length, 2, findings.join('\n'))
  assert.match(
    findings[0]!,
    /^error MESH2046 at \d+ "revisions": no revision is that of the namespaces which name none$/,
  )
  assert.is(findings[1], '  help: set `istio.revision` to one of them or to a tag: `canary` and `stable`')
})

diagnostics('a service runs in a cluster that the environment has not', () => {
  const text = `meshc: v1
mesh: shop
clusters: { eu1: { network: eu }, us1: { network: eu } }
services:
  web: { namespace: shop, clusters: [eu2, us1] }`
  const findClusters = (entry: string) => resolveTexts({ 'spec/prod/mesh.yaml': text }, entry).findings
  const expected = [
    'error MESH2052 at 5 "eu2": the environment has no cluster `eu2`',
    '  help: did you mean `eu1`?',
  ]
  assert.equal(findClusters('spec/prod/eu1/mesh.yaml'), expected)
  assert.equal(findClusters('spec/prod/mesh.yaml'), [
    'error MESH2051 at 3 "clusters": the spec has `clusters`, and no cluster is chosen',
    '  help: compile `eu1` or `us1`: the entry of a cluster is `spec/<environment>/<cluster>/mesh.yaml`',
    ...expected,
  ])
})

diagnostics('a mesh that lacks a file of services is not searched for each name that is missing', () => {
  const names = Array.from({ length: 2000 }, (_, index) => `service-${index}`)
  const services = names.map(
    name =>
      `  ${name}: { namespace: shop, port: { http: 80 }, allow: [{ from: ${name}x }, { from: ${name}x }] }`,
  )
  const findings = listFindings(`services:\n${services.join('\n')}`)
  assert.is(findings.filter(line => line.startsWith('error MESH2007')).length, 4000)
  assert.is(findings.filter(line => line.includes('did you mean')).length, 200)
})

diagnostics('each code is shown by a case, and is used once', () => {
  const shown = new Set(cases.flatMap(({ findings }) => findings.map(line => line.match(/MESH\d+/)?.[0])))
  // These rules have a case below the table.
  const apart = ['MESH2023', 'MESH2027', 'MESH2028', 'MESH2040', 'MESH2045', 'MESH2046', 'MESH2050']
  for (const code of [...apart, 'MESH2051', 'MESH2052']) shown.add(code)
  const codes = resolveDiagnostics.map(({ code }) => code)
  assert.equal(
    codes.filter(code => !shown.has(code)),
    [],
  )
  assert.equal(codes, [...new Set(codes)].toSorted())
})

diagnostics.run()
