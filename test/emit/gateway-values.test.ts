import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { getHelmValues } from '../support/output.ts'
import { compileEnvironment, environments } from '../support/specs.ts'

const test = suite('values of a gateway')

test('a drain takes one pod of a gateway at a time, and is never blocked by it', () => {
  for (const environment of environments) {
    const compilation = compileEnvironment(environment)
    const values = getHelmValues(compilation)
    for (const { workload } of compilation.mesh.gateways)
      assert.equal(values.gateway(workload.value).podDisruptionBudget, { maxUnavailable: 1 }, environment)
  }
})

test.run()
