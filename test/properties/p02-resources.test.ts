import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { gatewaysOf } from './declared.ts'
import { at, everyMesh, listAt } from './subject.ts'

const p2 = suite('P2 control-plane resources')

/** Cores, in thousandths; or bytes. */
function amount(quantity: unknown): number {
  const [, digits, unit] = /^([0-9]+)(m|Ki|Mi|Gi)$/.exec(String(quantity)) ?? []
  assert.ok(digits, `${String(quantity)} is not a quantity`)
  return Number(digits) * { m: 1, Ki: 1024, Mi: 1024 ** 2, Gi: 1024 ** 3 }[unit as 'm' | 'Ki' | 'Mi' | 'Gi']
}

/** Requests fit into limits, both are as the spec says them, and they stay within what is ever sensible. */
function assertResources(resources: unknown, said: unknown): void {
  for (const unit of ['cpu', 'memory']) {
    const request = at(resources, 'requests', unit)
    const limit = at(resources, 'limits', unit)
    assert.ok(amount(request) > 0 && amount(request) <= amount(limit), JSON.stringify(resources))
    for (const bound of ['requests', 'limits']) {
      const word = at(said, bound, unit)
      if (word !== undefined) assert.is(at(resources, bound, unit), word)
    }
  }
}

function assertReplicas(min: unknown, max: unknown, said: unknown): void {
  assert.ok(Number.isInteger(min) && Number.isInteger(max) && Number(min) >= 1, `${min} to ${max}`)
  assert.ok(Number(min) <= Number(max), `${min} to ${max}`)
  if (at(said, 'min') !== undefined) assert.is(min, at(said, 'min'))
  if (at(said, 'max') !== undefined) assert.is(max, at(said, 'max'))
}

p2('P2: istiod and every gateway have requests within limits, and replicas in order, as the spec says', () =>
  everyMesh(({ spec, operator, istiod, gatewayValues }) => {
    const said = spec.istio?.controlPlane
    const pilot = at(operator, 'components', 'pilot', 'k8s')
    assertResources(at(pilot, 'resources'), said?.resources)
    assertReplicas(at(pilot, 'hpaSpec', 'minReplicas'), at(pilot, 'hpaSpec', 'maxReplicas'), said?.replicas)
    assert.equal(at(istiod, 'resources'), at(pilot, 'resources'))
    assert.is(at(istiod, 'autoscaleMin'), at(pilot, 'hpaSpec', 'minReplicas'))
    assert.is(at(istiod, 'autoscaleMax'), at(pilot, 'hpaSpec', 'maxReplicas'))
    assertResources(at(istiod, 'global', 'proxy', 'resources'), spec.istio?.proxy?.resources)
    for (const gateway of gatewaysOf(spec)) {
      const values = gatewayValues(gateway.name)
      assertResources(at(values, 'resources'), gateway.spec.resources)
      const { replicas } = gateway.spec
      assertReplicas(
        at(values, 'autoscaling', 'minReplicas'),
        at(values, 'autoscaling', 'maxReplicas'),
        replicas,
      )
      const component = listAt(operator, 'components', 'ingressGateways').find(
        one => at(one, 'name') === `istio-${gateway.name}`,
      )
      assert.equal(at(component, 'k8s', 'resources'), at(values, 'resources'))
    }
  }),
)

p2.run()
