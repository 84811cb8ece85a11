import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { meshc } from '../support/meshc.ts'
import { write } from '../support/project.ts'
import { repository } from '../support/repository.ts'

/** Policies about manifests without a spec, in the `meshc.yaml` beside them. */
const test = suite('bin/manifest policies')

const manifests = `apiVersion: v1
kind: Service
metadata:
  name: cart
  namespace: shop
  labels: { owner: team-cart }
spec: { selector: { app: cart }, ports: [{ name: http, port: 80 }] }
---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: { name: cart, namespace: shop }
spec:
  hosts: [cart]
  http:
    - route: [{ destination: { host: cart } }]
      timeout: 30s
---
apiVersion: v1
kind: ConfigMap
metadata: { name: settings, namespace: shop }
data: { color: green }
`
const policies = `policies:
  owned:
    kinds: [Service]
    matchConditions: [{ expression: object.metadata.namespace != "test" }]
    validations:
      - expression: has(object.metadata.labels) && has(object.metadata.labels.owner)
        message: every Service has an owner
    link: https://wiki.example.com/owners
  bounded:
    for: manifests
    kinds: [VirtualService]
    validations:
      - expression: object.spec.http.all(r, has(r.timeout) && duration(r.timeout) <= duration("60s"))
        messageExpression: '"a route of " + object.metadata.name + " has no timeout of a minute at most"'
  green:
    kinds: [ConfigMap]
    validationActions: [Warn]
    validations: [{ expression: object.data.color == "green" }]
`
const file = 'clusters/prod/shop.yaml'
const ownFile = 'clusters/prod/meshc.yaml'

test('lint and diff find a violation at the line of the manifest', async () => {
  const folder = repository({ [file]: manifests, [ownFile]: policies })
  const lint = ['lint', 'clusters/prod']
  const diff = ['diff', 'clusters/prod', '--base', 'main']
  for (const command of [lint, diff]) assert.is((await meshc(folder, command)).code, 0)
  write(folder, { [file]: manifests.replace('30s', '90s').replace('owner:', 'team:') })
  for (const command of [lint, diff]) {
    const { code, stderr } = await meshc(folder, command)
    assert.is(code, 1)
    assert.match(
      stderr,
      /error\[MESH3811\]: `Service\/shop\/cart` violates the policy `owned`: every Service has an owner\n +--> clusters\/prod\/shop\.yaml:6:3/,
    )
    assert.match(
      stderr,
      /`bounded`: a route of cart has no timeout of a minute at most\n +--> clusters\/prod\/shop\.yaml:16:7/,
    )
    assert.match(stderr, 'see https://wiki.example.com/owners')
  }
  const { stdout } = await meshc(folder, [...lint, '--json'])
  const { ok, diagnostics } = JSON.parse(stdout)
  assert.is(ok, false)
  assert.equal(
    diagnostics.map(({ code, file, line }: Readonly<Record<string, unknown>>) => [code, file, line]),
    [
      ['MESH3811', file, 6],
      ['MESH3811', file, 16],
    ],
  )
})

test('a warning is shown, and lets lint and diff pass', async () => {
  const folder = repository({ [file]: manifests.replace('green', 'red'), [ownFile]: policies })
  for (const command of [
    ['lint', 'clusters/prod'],
    ['diff', 'clusters/prod', '--base', 'main'],
  ]) {
    const { code, stderr } = await meshc(folder, command)
    assert.is(code, 0)
    if (command[0] === 'lint')
      assert.match(stderr, /warning\[MESH3812\].*\n +--> clusters\/prod\/shop\.yaml:21:1/)
  }
})

test('a policy that goes or is weaker is lost', async () => {
  const folder = repository({ [file]: manifests, [ownFile]: policies })
  write(folder, { [ownFile]: policies.replace('kinds: [VirtualService]', 'kinds: [Gateway]') })
  const { code, stdout } = await meshc(folder, [
    'diff',
    'clusters/prod',
    '--base',
    'main',
    '--deny',
    'lost-policy',
  ])
  assert.is(code, 1)
  assert.match(
    stdout,
    /the policy `bounded` checks manifests of fewer kinds\n +in clusters\/prod\/meshc\.yaml:/,
  )
})

const faults: Readonly<Record<string, readonly [text: string, message: RegExp]>> = {
  'an expression': [
    policies.replace('object.data', 'objct.data'),
    /no variable `objct`[\s\S]*did you mean `object`/,
  ],
  'a variable': [
    policies.replace('object.data.color', 'mesh.name'),
    /no variable `mesh`[\s\S]*an expression reads `object` and `variables`/,
  ],
  'a field': [policies.replace('validationActions', 'validationAction'), /did you mean `validationActions`/],
  'its objects': [policies.replace('for: manifests', 'for: services'), /meshc\.yaml:\d+:10[\s\S]*manifests/],
}
for (const [name, [text, message]] of Object.entries(faults))
  test(`a mistake in ${name} is an error with its place`, async () => {
    const folder = repository({ [file]: manifests, [ownFile]: text })
    const { code, stderr } = await meshc(folder, ['lint', 'clusters/prod'])
    assert.is(code, 1)
    assert.match(stderr, message)
    assert.match(stderr, /clusters\/prod\/meshc\.yaml:\d+:\d+/)
    assert.not.match(stderr, /defect/)
  })

test.run()
