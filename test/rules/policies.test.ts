import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { compileText } from '../support/compile-text.ts'
import { plantedFault, soundSpec } from '../support/planted-fault.ts'

/** Policies with violations, policies with faults, and policies that would block the machine. */
const test = suite('rules of policies')

const services = `
services:
  api:
    namespace: shop
    port: { http: 8080 }
    owner: team-api
    timeout: 45s
    allow:
      - { from: web, methods: [GET] }
      - { from: anyone, paths: [/healthz], because: probes }
  web:
    namespace: public
`

test('an absent field is found at the object', () => {
  plantedFault(
    'MESH3811',
    `${services.replace('  web:', '  «web»:')}
policies:
  owned:
    for: services
    matchConditions: [{ name: prod, expression: mesh.environment == "prod" }]
    validations: [{ expression: ‹mesh.mtls != "strict" || has(object.owner)›, message: every service has an owner }]
`,
    'service `web` violates the policy `owned`: every service has an owner',
  )
})

test('a value is found where a layer of defaults sets it', () => {
  plantedFault(
    'MESH3811',
    `
defaults: { timeout: «90s» }
services:
  web: { namespace: public, port: { http: 80 }, allow: [{ from: namespace/public, methods: [GET] }] }
policies:
  quick:
    for: services
    variables: [{ name: limit, expression: duration("60s") }, { name: timeout, expression: object.timeout }]
    validations:
      - expression: ‹duration(variables.timeout) <= variables.limit›
        messageExpression: '"a timeout of " + object.timeout + " is too long"'
`,
    'service `web` violates the policy `quick`: a timeout of 90s is too long',
  )
})

test('an entry of a list is found, and not those before it', () => {
  plantedFault(
    'MESH3811',
    `${services.replace('from: anyone', 'from: «anyone»')}
policies:
  closed:
    for: services
    validations: [{ expression: ‹'object.allow.all(a, a.from != "anyone")'› }]
`,
    'service `api` violates the policy `closed`: `object.allow.all(a, a.from != "anyone")` is false',
  )
})

test('an edge is found at its caller, with what it reads of its destination', () => {
  plantedFault(
    'MESH3812',
    `${services.replace('from: anyone', 'from: «anyone»').replace('namespace: shop', 'namespace: ‹shop›')}
policies:
  closed:
    for: edges
    validationActions: [Warn]
    validations:
      - { expression: ‹'object.from != "anyone" || object.namespace == "public"'›, message: only public is open }
`,
    '`anyone` in `allow` of `api` violates the policy `closed`: only public is open',
  )
})

test('a value of a manifest is found behind a patch', () => {
  plantedFault(
    'MESH3811',
    `${services}
patches:
  - kind: VirtualService
    namespace: shop
    name: api
    spec: { http: [{ name: default, timeout: «99s», route: [{ destination: { host: api.shop.svc.cluster.local, port: { number: 8080 } } }] }] }
    because: a drill
policies:
  bounded:
    for: manifests
    kinds: [VirtualService]
    validations:
      - { expression: ‹'object.spec.http.all(r, duration(r.timeout) <= duration("60s"))'›, message: too long }
`,
    '`VirtualService/shop/api` violates the policy `bounded`: too long',
  )
})

test('`has` takes fields of an entry of a list or a map', () => {
  soundSpec(`${services}
policies:
  mine:
    for: services
    validations:
      - expression: 'object.key != "api" || !has(object.allow[0].because) && has((object.allow)[1].because)'
      - expression: 'object.key != "api" || has(object.allow[has(object.allow[0].because) ? 0 : 1].from)'
      - expression: 'object.key != "api" || has(object.ports["http"].number)'
  written:
    for: manifests
    kinds: [VirtualService]
    validations: [{ expression: 'has(object.spec.http[0].timeout) && !has(object.spec.http[0].fault)' }]
`)
})

test('a map may have any key', () => {
  soundSpec(`
services:
  web:
    namespace: public
    workload: { labels: { app: web, constructor: web, prototype: web } }
policies:
  mine:
    for: services
    validations:
      - expression: 'object.workload.labels["constructor"] == "web" && "prototype" in object.workload.labels'
      - expression: 'size(object.workload.labels) == 3 && object.workload.labels.all(key, key.matches("[a-z]+"))'
      - expression: '{"app": "web", "constructor": "web", "prototype": "web"} == object.workload.labels || true'
`)
})

const wrong: readonly (readonly [string, string])[] = [
  ['object.ownr == "x"', 'there is no field `ownr`'],
  ['has(object.ownr)', 'there is no field `ownr`'],
  ['object.allow.all(a, has(a.becuse))', 'there is no field `becuse`'],
  ['has(object.retries.attemps)', 'there is no field `attemps`'],
  ['has(object.allow[0].becuse)', 'there is no field `becuse`'],
  ['has(object)', '`has` takes a field, as in `has(object.owner)`'],
  ['obj.owner == "x"', 'there is no variable `obj`'],
  ['variables.limit == 1', 'there is no field `limit`'],
  ['object.constructor == "x"', 'there is no field `constructor`'],
  ['object.name ==', 'it ends too early'],
  ['(object.name == "x"', 'it ends too early: `)` is missing'],
  ['object.name = "x"', 'CEL has no `=`'],
  ['object.name == "x" and has(object.owner)', 'CEL has no `and`'],
  ['not has(object.owner)', 'CEL has no `not`'],
  ['object.name == "x', 'a text has no closing quote: `"x`'],
  ['object.allow.all(a => true)', '`=>` is not expected at character 20'],
  ['if object.name', 'CEL reserves the word `if`'],
  ['object.name', 'its value is of the type `string`, not `bool`'],
  ['object.timeout < 60', 'CEL has no `string < int`: `object.timeout < 60`'],
  ['object.owner == null', 'CEL has no `string == null`: `object.owner == null`'],
  ['!object.owner', 'CEL has no `!string`: `!object.owner`'],
  ['object.owner.startWith("team")', 'there is no function `startWith`'],
  ['object.allow.exist(a, true)', 'there is no function `exist`'],
  ['object.allow.from == "x"', '`object.allow` is a list, and has no field `from`'],
  ['has(object.allow.from)', '`object.allow` is a list, and has no field `from`'],
  ['object.allow.all(a, a.from)', 'the condition in `all` is of the type `string`, and not true or false'],
  ['object.owner ? true : false', 'the condition before `?` is of the type `string`, and not true or false'],
  ['request.user == "x"', 'there is no variable `request`'],
]

for (const [expression, problem] of wrong)
  test(`\`${expression}\` is wrong`, () => {
    plantedFault(
      'MESH3813',
      `${services}
policies:
  mine:
    for: services
    validations:
      - expression: «'${expression}'»
`,
      `an expression of the policy \`mine\` is wrong: ${problem}`,
    )
  })

test('a wrong expression is found beside another error, and no policy is checked then', () => {
  const { diagnostics } = compileText(`meshc: v1
mesh: shop
services:
  web:
    namespace: shop
    port: { http: 80 }
    versions: { a: { version: v1 }, b: { version: v2 } }
    traffic: { a: 60%, b: 50% }
policies:
  owned: { for: services, validations: [{ expression: has(object.ownr) }] }
  quick: { for: services, validations: [{ expression: 'false' }] }
`)
  const codes = diagnostics.filter(({ severity }) => severity === 'error').map(({ code }) => code)
  assert.equal(codes, ['MESH3101', 'MESH3813'])
})

test('an expression without a result is an error', () => {
  const text = services.replace('  web:', '  ‹web›:')
  const message = 'the policy `owned` cannot be decided for service `web`: `owner` is absent'
  const policy = 'policies: { owned: { for: services, '
  plantedFault('MESH3814', `${text}${policy}validations: [{ expression: «object.owner != ""» }] } }`, message)
  plantedFault(
    'MESH3814',
    `${text}${policy}matchConditions: [{ expression: «object.owner != ""» }], validations: [{ expression: "true" }] } }`,
    message,
  )
  plantedFault(
    'MESH3814',
    `${text}${policy}variables: [{ name: owner, expression: «object.owner» }, { name: team, expression: variables.owner }], validations: [{ expression: variables.team != "" }] } }`,
    message,
  )
})

test('a variable is declared once', () => {
  plantedFault(
    'MESH3813',
    `services: { web: { namespace: shop } }
policies: { mine: { for: services, variables: [{ name: owner, expression: '"x"' }, { name: owner, expression: «'"y"'» }], validations: [{ expression: variables.owner != "" }] } }`,
    'an expression of the policy `mine` is wrong: the variable `owner` is declared twice',
  )
})

test('sound policies over every kind of object', () => {
  soundSpec(`${services}
policies:
  services: { for: services, validations: [{ expression: 'object.namespace in ["shop", "public"]' }] }
  edges: { for: edges, validations: [{ expression: 'object.to == "api" && object.methods.all(m, m == "GET")' }] }
  namespaces: { for: namespaces, validations: [{ expression: object.mtls == "strict" }] }
  mesh: { for: mesh, validations: [{ expression: 'object.services.exists(s, s.key == "web") && size(object.gateways) == 0' }] }
  manifests: { for: manifests, validations: [{ expression: 'object.metadata.name.matches("^[a-z.-]+$")' }] }
`)
})

const many = `[${Array.from({ length: 100 }, (_, index) => index)}]`
const nested = Array.from({ length: 8 }).reduce<string>(inner => `${many}.all(i, ${inner})`, 'true')
const doubled = Array.from({ length: 20 }).reduce<string>(
  inner => `cel.bind(a, a + a, ${inner})`,
  'size(a) > 0',
)
const hostile: readonly (readonly [string, string, string])[] = [
  ['loops in loops', nested, 'it takes longer than 10 s, the time limit of a question'],
  ['a text that doubles', `cel.bind(a, "aaaaaaaa", ${doubled})`, 'it makes a value of more than 65536 parts'],
  ['a list that doubles', `cel.bind(a, [1, 2, 3], ${doubled})`, 'it makes a value of more than 65536 parts'],
]

for (const [name, expression, problem] of hostile)
  test(`${name} end`, () => {
    const text = `meshc: v1\nmesh: shop\n${services}
policies:
  mine: { for: mesh, validations: [{ expression: '${expression}' }] }
`
    const before = performance.now()
    const { diagnostics } = compileText({ 'spec/prod/mesh.yaml': text })
    assert.equal(
      diagnostics.map(({ code, message }) => `${code} ${message.split(': ').slice(1).join(': ')}`),
      [`MESH3814 ${problem}`],
    )
    assert.ok(performance.now() - before < 20_000)
  })

test('a regular expression takes linear time', () => {
  const text = 'a'.repeat(60)
  soundSpec(`${services}
policies:
  mine: { for: mesh, validations: [{ expression: '!"${text}b".matches("^(a+)+$") && "xay".matches("a")' }] }
`)
})

test.run()
