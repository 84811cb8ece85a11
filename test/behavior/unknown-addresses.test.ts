import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { listAddressesAround } from '../../compiler/behavior/address-ranges.ts'
import { listVerdicts } from '../support/both-engines.ts'
import { getModel } from '../support/model-of.ts'
import { makeShopDeployment } from '../support/shop-deployment.ts'

/** Policies about the address of a caller, if no manifest contains the address. */
const test = suite('unknown addresses')

const mesh = [
  makeShopDeployment('web'),
  makeShopDeployment('cart'),
  {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 'cart', namespace: 'shop' },
    spec: { selector: { app: 'cart' }, ports: [{ name: 'http', port: 80 }] },
  },
]
const policy = (action: string, ...rules: readonly object[]) => ({
  apiVersion: 'security.istio.io/v1',
  kind: 'AuthorizationPolicy',
  metadata: { name: action.toLowerCase(), namespace: 'shop' },
  spec: { action, rules },
})
const from = (source: object) => ({ from: [{ source }] })
const when = (key: string, ...values: readonly string[]) => ({ when: [{ key, values }] })

const cases: Readonly<Record<string, readonly [readonly object[], 'ALLOW' | 'DENY' | 'UNKNOWN']>> = {
  'a range and all others are allowed': [
    [policy('ALLOW', from({ ipBlocks: ['10.0.0.0/8'] }), from({ notIpBlocks: ['10.0.0.0/8'] }))],
    'ALLOW',
  ],
  'two halves are allowed': [[policy('ALLOW', when('source.ip', '0.0.0.0/1', '128.0.0.0/1'))], 'ALLOW'],
  'a range is denied, and no caller is allowed': [
    [policy('DENY', from({ ipBlocks: ['10.0.0.0/8'] })), policy('ALLOW', from({ namespaces: ['office'] }))],
    'DENY',
  ],
  'a range is denied, and only that is allowed': [
    [policy('DENY', from({ ipBlocks: ['10.0.0.0/8'] })), policy('ALLOW', when('remote.ip', '10.1.0.0/16'))],
    'DENY',
  ],
  'a range is denied': [[policy('DENY', from({ ipBlocks: ['10.0.0.0/8'] }))], 'UNKNOWN'],
  'all but one address is allowed': [[policy('ALLOW', from({ notRemoteIpBlocks: ['10.1.2.3'] }))], 'UNKNOWN'],
}

for (const [name, [policies, expected]] of Object.entries(cases))
  test(`${name}: ${expected}`, () => {
    const model = getModel([...mesh, ...policies])
    assert.equal(listVerdicts(model, 'web', { host: 'cart.shop.svc.cluster.local', port: 80 }), [expected])
  })

test('ranges have addresses around them', () => {
  assert.equal(listAddressesAround(['10.0.0.0/8', '10.1.2.3', 'fd00::/8', '0.0.0.0/0']), [
    '0.0.0.0',
    '::',
    '10.0.0.0',
    '11.0.0.0',
    '10.1.2.3',
    '10.1.2.4',
    'fd00::',
    'fe00::',
  ])
})

test.run()
