import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { meshc } from '../support/meshc.ts'
import { project } from '../support/project.ts'

/**
 * The owners of paths in the answers of commands. The platform sets the owners, and the file of a team is
 * below them.
 */
const test = suite('bin/path-owners')

const files = {
  'spec/prod/mesh.yaml': `meshc: v1
mesh: shop
include: [teams/*.yaml]
gateways:
  public:
    hosts: [shop.example.com]
    certificate: { issuer: letsencrypt-prod }
    owners:
      shop.example.com: { /cart/*: team-cart, /*: team-web }
services:
  web:
    owner: team-web
    namespace: shop
    port: { http: 3000 }
    expose: [{ gateway: public, host: shop.example.com }]
    allow: [{ from: gateway/public }]
`,
  'spec/prod/teams/cart.yaml': `services:
  cart:
    owner: team-cart
    namespace: cart
    port: { http: 8080 }
    expose: [{ gateway: public, host: shop.example.com, paths: [/cart/*] }]
    allow: [{ from: gateway/public }]
`,
}

test('trace names the owner of the path and the line of the platform', async () => {
  const folder = project(files)
  const { code, stdout } = await meshc(folder, ['trace', '--to', 'https://shop.example.com/cart/1'])
  assert.is(code, 0)
  assert.match(
    stdout,
    /owner {9}\/cart\/\* of shop\.example\.com belongs to team-cart\n +spec\/prod\/mesh\.yaml:9/,
  )
  const json = await meshc(folder, ['trace', '--to', 'https://shop.example.com/carts?x=/cart/', '--json'])
  assert.equal(JSON.parse(json.stdout).owner, {
    host: 'shop.example.com',
    path: '/*',
    team: 'team-web',
    file: 'spec/prod/mesh.yaml',
    line: 9,
  })
})

test('the file of a team that takes a path of another team is refused with the lines of both', async () => {
  const team = files['spec/prod/teams/cart.yaml'].replace('[/cart/*]', '[/cart/*, /search/*]')
  const { code, stderr, stdout } = await meshc(project({ ...files, 'spec/prod/teams/cart.yaml': team }), [
    'validate',
  ])
  assert.is(code, 1)
  const text = stdout + stderr
  assert.match(text, 'error[MESH3317]: `/search/*` of `shop.example.com` belongs to `team-web`')
  assert.match(text, 'spec/prod/teams/cart.yaml:6')
  assert.match(text, 'spec/prod/mesh.yaml:9')
})

test.run()
