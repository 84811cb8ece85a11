import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { evaluate } from '../../compiler/behavior/evaluate/evaluate.ts'
import { getModel } from '../support/model-of.ts'
import { makeShopDeployment } from '../support/shop-deployment.ts'

/** Localities choose the instance that answers. They add a note, and do not change the result. */
const test = suite('localities')

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
const request = {
  from: { namespace: 'shop', labels: { app: 'web' } },
  to: { host: 'cart.shop.svc.cluster.local', port: 80 },
}

const notes: Readonly<Record<string, object>> = {
  'near instances first': { enabled: true },
  'instances of all localities alike': { enabled: false },
  'near instances first; where a region fails, from eu to us': { failover: [{ from: 'eu', to: 'us' }] },
  'shares by locality, from eu/*: eu/* 70 %, us/* 30 %': {
    distribute: [{ from: 'eu/*', to: { 'eu/*': 70, 'us/*': 30 } }],
  },
}

for (const [says, localityLbSetting] of Object.entries(notes))
  test(says, () => {
    const rule = {
      apiVersion: 'networking.istio.io/v1',
      kind: 'DestinationRule',
      metadata: { name: 'cart', namespace: 'shop' },
      spec: {
        host: 'cart.shop.svc.cluster.local',
        trafficPolicy: { outlierDetection: {}, loadBalancer: { localityLbSetting } },
      },
    }
    const [plain, noted] = [mesh, [...mesh, rule]].map(
      objects => evaluate(getModel(objects), request).outcomes[0]!,
    )
    const [step] = noted!.steps.filter(({ step }) => step === 'localities')
    assert.is(step?.says, says)
    assert.equal(step?.at[0]?.path, ['spec', 'trafficPolicy', 'loadBalancer', 'localityLbSetting'])
    assert.equal({ ...noted, steps: [] }, { ...plain, steps: [] }, 'the result is the same')
  })

test.run()
