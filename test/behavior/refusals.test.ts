import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { readModel } from '../../compiler/behavior/read/read-model.ts'
import { admissionCases } from './admitted-objects.ts'
import { manifestObjects } from './corpus.ts'

const refusals = suite('behavior/refusals')

const refusalsIn = (text: string) =>
  readModel(manifestObjects('manifests.yaml', text)).refused.map(
    ({ path, reason }) => `${path.join('.')}: ${reason}`,
  )

refusals('an object is refused where the validators of Istio refuse it, and the reason has a place', () => {
  assert.ok(admissionCases.filter(({ refusal }) => refusal !== undefined).length >= 50)
  assert.ok(admissionCases.filter(({ refusal }) => refusal === undefined).length >= 50)
  const claims = admissionCases.map(({ object }) => refusalsIn(JSON.stringify(object)))
  assert.equal(
    claims,
    admissionCases.map(({ refusal }) => (refusal === undefined ? [] : [refusal])),
  )
})

refusals('a refused object is no part of the model', () => {
  for (const { object, refusal } of admissionCases) {
    const model = readModel(manifestObjects('manifests.yaml', JSON.stringify(object)))
    const parts = [
      ...model.virtualServices,
      ...model.destinationRules,
      ...model.gateways,
      ...model.services,
      ...model.sidecars,
      ...model.peerAuthentications,
      ...model.requestAuthentications,
      ...model.authorizationPolicies,
    ]
    if (refusal !== undefined) assert.equal(parts, [], JSON.stringify(object))
  }
})

refusals.run()
