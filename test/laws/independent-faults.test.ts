import fc from 'fast-check'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { parseDocument } from 'yaml'
import { findDiagnostic } from '../../compiler/catalogue.ts'
import { compile } from '../../compiler/compile.ts'
import type { SpecPath } from '../../compiler/diagnostics/diagnostic.ts'
import { rules } from '../../compiler/validate/rules/index.ts'
import type { MeshFile } from '../../schema/spec/mesh.ts'
import { getTexts, type Spec, specsOfOneCluster } from '../arbitraries/mesh.ts'
import { holds } from '../holds.ts'
import { compileText, getWorkspace } from '../support/compile-text.ts'
import { readPage } from '../support/diagnostic-page.ts'
import { compileSpec } from '../support/specs.ts'
import { faults, type Planting, syntaxFaults } from './planted.ts'

const laws = suite('laws: independent faults')

type ServiceSpec = NonNullable<NonNullable<MeshFile['services']>[string]>

/** Services with one fault each. Another pass or rule finds each fault. */
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
    fc.property(specsOfOneCluster(), codes, (spec, codes) => {
      const { entry, documents } = withServices(spec, codes)
      const diagnostics = compile(entry, getWorkspace(getTexts({ entry, documents }))).diagnostics
      const errors = diagnostics.filter(({ severity }) => severity === 'error')
      assert.equal(
        errors.map(({ code }) => code),
        codes,
        errors.map(({ message }) => message).join('\n'),
      )
    }),
    { numRuns: 200 },
  )
})

laws(
  'faults of different parts are found in one run, unless one bears on the other, and nothing else',
  () => {
    let together = 0
    holds(
      fc.property(
        specsOfOneCluster(),
        fc.array(fc.nat({ max: 1_000_000 }), { minLength: 4, maxLength: 4 }),
        (spec, choices) => {
          const planted = plantedIn(spec, choices)
          const last = planted.at(-1)
          if (last === undefined) return
          const diagnostics = compile(last.entry, getWorkspace(last.texts)).diagnostics.filter(
            ({ severity }) => severity === 'error',
          )
          const reported = diagnostics.map(({ code, at }) => `${code} ${at.file}`)
          const meant = planted.map(({ code, file }) => `${code} ${file}`)
          const because = `${diagnostics.map(({ message }) => message).join('\n')}\n${Object.values(last.texts).join('\n---\n')}`
          assert.equal(
            reported.filter(first => !meant.includes(first)),
            [],
            because,
          )
          const due = planted.filter(
            plantedOne =>
              !planted.some(
                otherPlanted =>
                  otherPlanted !== plantedOne &&
                  (getPart(otherPlanted.path) === getPart(plantedOne.path) ||
                    bearsOn(otherPlanted, plantedOne)),
              ),
          )
          assert.equal(
            due.map(({ code, file }) => `${code} ${file}`).filter(first => !reported.includes(first)),
            [],
            because,
          )
          if (reported.length > 1) together++
        },
      ),
      { numRuns: 300 },
    )
    assert.ok(together > 100, `${together} times several were told`)
  },
)

laws('invalid YAML is one fault, and hides no fault of another part', () => {
  let reported = 0
  holds(
    fc.property(specsOfOneCluster(), fc.nat(), fc.nat(), fc.nat(), (spec, kind, choice, place) => {
      const [plantedOne] = plantedIn(spec, [0, choice])
      const { places } = syntaxFaults[kind % syntaxFaults.length]!
      const all = places(plantedOne?.spec ?? spec)
      const syntax = all[place % Math.max(all.length, 1)]?.()
      if (syntax === undefined || syntax.path.length < 3) return
      // A fault of the text comes last, and both faults are in files that are read.
      if (
        plantedOne !== undefined &&
        (plantedOne.spec === undefined || /^(extends|include)/.test(String(plantedOne.path[0])))
      )
        return
      const { entry, texts, file } = syntax
      // Without its colon, a single key is a plain text.
      if (parseDocument(texts[file]!).errors.length === 0) return
      const diagnostics = compile(entry, getWorkspace(texts)).diagnostics.filter(
        ({ severity }) => severity === 'error',
      )
      const because = `${diagnostics.map(({ message }) => message).join('\n')}\n${Object.values(texts).join('\n---\n')}`
      const faults = diagnostics.filter(({ code }) => code === 'MESH1001')
      assert.equal(
        faults.map(({ at }) => at.file),
        [file],
        because,
      )
      const others = diagnostics.filter(({ code }) => code !== 'MESH1001').map(({ code }) => code)
      const isHidden =
        plantedOne === undefined ||
        getPart(plantedOne.path) === getPart(syntax.path) ||
        bearsOn({ ...syntax, code: 'MESH1001' }, plantedOne)
      if (isHidden)
        assert.ok(others.length === 0 || (others.length === 1 && others[0] === plantedOne?.code), because)
      else assert.equal(others, [plantedOne.code], because)
      if (others.length > 0) reported++
    }),
    { numRuns: 300 },
  )
  assert.ok(reported > 50, `${reported} times another fault was told`)
})

laws('a namespace that is misspelt is one mistake, though others are in that namespace', () => {
  const { diagnostics } = compileText({
    'spec/prod/mesh.yaml': `meshc: v1
mesh: shop
namespaces: { monitoring: { injection: off } }
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

laws('of two entries with one name, one may be the one that others name', () => {
  const { diagnostics } = compileText({
    'spec/prod/mesh.yaml': `meshc: v1
mesh: shop
services:
  cart: { namespace: shop, port: { http: 8080 } }
  cart: { namespace: shop, port: { http: 8080 } }
  web: { namespace: shop, port: { http: 8080 }, allow: [{ from: orders }], timeout: 5 }
`,
  })
  assert.equal(
    diagnostics.map(({ message }) => message),
    ['`cart` is set twice in one map', '`timeout: 5` has no unit: the field takes a duration'],
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

laws('of a key without its colon it is known whose it is', () => {
  const { diagnostics } = compileText({
    'spec/prod/mesh.yaml': `meshc: v1
mesh: shop
services:
  web: { namespace: shop, port: { http: 8080 }, allow: [{ from: stock }, { from: nobody }] }
  stock
    namespace: shop
  "cart":
    namespace: [shop
observability
  accessLog: json
`,
  })
  assert.equal(
    diagnostics.map(({ message }) => message),
    [
      'the mesh has no service `nobody`',
      'this is not YAML: a line above has no `: `',
      'this is not YAML: a bracket or quote is still open here',
      'this is not YAML: a line above has no `: `',
    ],
  )
})

laws('a patch without an object is reported with any other broken rule', () => {
  const patches =
    'patches: [{ kind: Sidecar, namespace: shop, name: nowhere, spec: { workloadSelector: null }, because: x y }]\n'
  const reported = rules.flatMap(({ diagnostic: { code, severity } }) => {
    const { files, description } = readPage(code).wrong
    const file = 'spec/prod/mesh.yaml'
    const text = files[file]
    if (severity !== 'error' || text === undefined || description !== undefined) return []
    if (/^patches:/m.test(text)) return []
    const { diagnostics } = compileText({ ...files, [file]: text + patches }, file)
    const errors = diagnostics.filter(({ severity }) => severity === 'error').map(({ code }) => code)
    assert.equal(errors, [code, 'MESH4001'], text)
    return [code]
  })
  assert.ok(reported.length > 50, `${reported.length} laws were broken`)
})

laws('invalid YAML is reported with the errors of the other entries and files', () => {
  const { diagnostics } = compileText({
    'spec/prod/mesh.yaml': `meshc: v1
mesh: shop
include: [teams/*.yaml]
gateways:
  public: { hosts: [shop.example.com, certificate: { issuer: letsencrypt } }
services:
  web:
    namespace: shop
    port: { http: 3000 }
    expose: [{ gateway: public, host: shop.example.com }]
    allow: [{ from: gateway/public }, { from: search }, { from: wbe }]
  cart:
    namespace: shop
    port: { http: 8080 }
    versions: { v1: {}, v2: {} }
    traffic: { v1: 60%, v2: 20% }
  payments:
    namespace: shop
    owner: "team
    timeout: 30
`,
    'spec/prod/teams/search.yaml': `services:
  search:
    namespace: shop
    port: { http: 8080
`,
    'spec/prod/teams/stock.yaml': `services:
  stock: { namespace: shop, port: { http: 8080 }, timeout: 5s, retries: { attempts: 2, perTryTimeout: 5s } }
`,
  })
  assert.equal(
    diagnostics.map(({ message, at: { file } }) => `${file} ${message}`),
    [
      'spec/prod/mesh.yaml this is not YAML: `}` closes no bracket that is open',
      'spec/prod/mesh.yaml the mesh has no service `wbe`',
      'spec/prod/mesh.yaml the weights of `cart` add up to 80, not 100',
      'spec/prod/mesh.yaml this is not YAML: a bracket or quote is still open here',
      'spec/prod/mesh.yaml `timeout: 30` has no unit: the field takes a duration',
      'spec/prod/teams/search.yaml this is not YAML: a bracket or quote is still open here',
      'spec/prod/teams/stock.yaml 3 tries of 5s take 15s, more than the timeout of 5s',
    ],
  )
})

laws.run()

interface PlantedOne extends Planting {
  readonly code: string
}

/** Plants faults one after the other. */
function plantedIn(
  spec: Spec,
  [kinds = 0, first = 0, second = 0, third = 0]: readonly number[],
): readonly PlantedOne[] {
  const planted: PlantedOne[] = []
  let now: Spec | undefined = spec
  for (const [index, choice] of [first, second, third].entries()) {
    if (now === undefined) break
    const { code, places } = faults[(kinds * (index + 1) + choice) % faults.length]!
    const all = places(now)
    const planting = all[choice % Math.max(all.length, 1)]?.()
    if (planting === undefined) continue
    // A fault in a whole section may remove the faults inside it.
    if (planted.length > 0 && planting.path.length === 1) continue
    planted.push({ ...planting, code })
    now = planting.spec
  }
  return planted
}

/** Returns the entry or section at the start of a path. */
const getPart = ([section, name]: SpecPath) =>
  ['services', 'external', 'gateways', 'namespaces'].includes(String(section))
    ? `${section}.${name}`
    : String(section)

/**
 * Checks whether fault `a` leaves a value unknown that `b` needs. meshc makes manifests only of a mesh
 * without faults.
 */
function bearsOn(a: Pick<PlantedOne, 'path' | 'code'>, b: PlantedOne): boolean {
  if (b.code.startsWith('MESH4') && !a.code.startsWith('MESH3')) return true
  // The check of expectations reads the whole mesh.
  if (b.code === 'MESH3805') return true
  const [first = ''] = a.path
  // A misspelt section is an unknown section.
  const section = a.path.length === 1 ? String(first).replace(/x$/, '') : String(first)
  if (a.path.length === 1 && b.path[0] === section) return true
  if (['extends', 'include', 'meshc'].includes(section)) return true
  if (b.code === 'MESH2019' && section === 'gateways') return true
  const reads = findDiagnostic(b.code)?.reads ?? []
  return reads.some(read => read.split('.')[0] === section)
}

/** Adds services with these faults to a spec, at the end of its environment's file. */
function withServices(spec: Spec, codes: readonly string[]): Spec {
  const { entry, documents } = spec
  const namespace = compileSpec(spec).mesh.services[0]!.namespace.value
  const document = documents[entry]!
  const added = codes.map((code, index) => [
    `faulty-${index}`,
    { namespace, port: { http: 8080 }, ...faulty[code] } as ServiceSpec,
  ])
  const services = { ...document.services, ...Object.fromEntries(added) }
  return { entry, documents: { ...documents, [entry]: { ...document, services } } }
}
