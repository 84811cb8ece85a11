import fc from 'fast-check'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { compile } from '../../compiler/compile.ts'
import type { MeshFile } from '../../schema/spec/mesh.ts'
import { type Spec, specs, textsOf } from '../arbitraries/mesh.ts'
import { holds } from '../holds.ts'
import { compileText, workspaceOf } from '../support/compile-text.ts'
import { compileSpec } from '../support/specs.ts'

const laws = suite('laws: independent faults')

type ServiceSpec = NonNullable<NonNullable<MeshFile['services']>[string]>

/** Services of which each has one fault, found by another pass or rule than those of the others. */
const faulty: Readonly<Record<string, object>> = {
  MESH1011: { timeuot: '5s' },
  MESH1012: { allow: 'anyone' },
  MESH1013: { timeout: '1.5s' },
  MESH1014: { allow: [{ from: 'anyone', methods: ['fetch'], because: 'it is asked for' }] },
  MESH1016: { timeout: 30 },
  MESH2002: { versions: { v1: {} }, traffic: { v1: '100%' }, active: 'v1' },
  MESH2007: { allow: [{ from: 'nobody-of-this-name' }] },
  MESH2014: { versions: { v1: {} }, active: 'v9' },
  MESH3101: { versions: { v1: {}, v2: {} }, traffic: { v1: '10%', v2: '20%' } },
  MESH3105: { allow: [{ from: 'anyone', methods: ['GET', 'GET'], because: 'it is asked for' }] },
  MESH3116: { timeout: '5s', retries: { attempts: 2, perTryTimeout: '5s' } },
}

laws('faults of different services are found in one run, each once, and nothing else', () => {
  const codes = fc.uniqueArray(fc.constantFrom(...Object.keys(faulty)), { minLength: 2 })
  holds(
    fc.property(specs(), codes, (spec, codes) => {
      const { entry, documents } = withServices(spec, codes)
      const found = compile(entry, workspaceOf(textsOf({ entry, documents }))).diagnostics
      const errors = found.filter(({ severity }) => severity === 'error')
      assert.equal(
        errors.map(({ code }) => code),
        codes,
        errors.map(({ message }) => message).join('\n'),
      )
    }),
    { numRuns: 200 },
  )
})

laws('a namespace that is misspelt is one mistake, though others are in that namespace', () => {
  const { diagnostics } = compileText({
    'spec/prod/mesh.yaml': `meshc: v1
mesh: shop
namespaces: { monitoring: {} }
services:
  cart: { namespacex: shop, port: { http: 8080 } }
external:
  stripe: { namespace: shop, hosts: [api.stripe.com], port: { https: 443 }, allow: [{ from: cart }] }
`,
  })
  assert.equal(
    diagnostics.map(({ message }) => message),
    ['unknown field `namespacex`'],
  )
})

laws('they stand in the order of layers and lines, whichever pass found them', () => {
  const { diagnostics } = compileText(
    {
      'spec/base/mesh.yaml': `meshc: v1
mesh: shop
include: [teams/*.yaml]
services:
  cart: { namespace: shop, port: { http: 8080 }, versions: { v1: {}, v2: {} }, traffic: { v1: 10%, v2: 20% } }
  web: { namespace: shop, port: { http: 8080 }, timeout: 30 }
`,
      'spec/base/teams/search.yaml': `services:
  search: { namespace: shop, port: { http: 8080 }, allow: [{ from: wbe }] }
`,
      'spec/prod/mesh.yaml': `meshc: v1
environment: prod
extends: ../base/mesh.yaml
services:
  orders: { namespace: shop, port: { grpc: 7070 }, allow: [{ from: web, methods: [GET] }] }
  stock: { namespace: shop, port: { http: 8080 }, retires: none }
observability: { tracing: { sampling: 5 } }
`,
    },
    'spec/prod/mesh.yaml',
  )
  assert.equal(
    diagnostics.map(({ code, at: { file } }) => `${file} ${code}`),
    [
      'spec/base/mesh.yaml MESH3101',
      'spec/base/mesh.yaml MESH1016',
      'spec/base/teams/search.yaml MESH2007',
      'spec/prod/mesh.yaml MESH3404',
      'spec/prod/mesh.yaml MESH1011',
      'spec/prod/mesh.yaml MESH1016',
    ],
  )
})

laws.run()

/** The spec with services that have these faults, at the end of its environment's file. */
function withServices(spec: Spec, codes: readonly string[]): Spec {
  const { entry, documents } = spec
  const namespace = compileSpec(spec).mesh.services[0]!.namespace.value
  const own = documents[entry]!
  const added = codes.map((code, index) => [
    `faulty-${index}`,
    { namespace, port: { http: 8080 }, ...faulty[code] } as ServiceSpec,
  ])
  const services = { ...own.services, ...Object.fromEntries(added) }
  return { entry, documents: { ...documents, [entry]: { ...own, services } } }
}
