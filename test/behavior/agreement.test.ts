import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { readModel } from '../../compiler/behavior/read/read-model.ts'
import { agreementIn, getSummary, mostUnknown, nameRefused } from './agreement.ts'
import {
  corpus,
  getRequested,
  getTruths,
  listObjects,
  listRequests,
  refusedIn,
  requestsPerMesh,
} from './corpus.ts'

const agreement = suite('agreement with Envoy')

agreement('the recorded answers match the present manifests and requests', () => {
  assert.ok(corpus.length >= 25)
  const stale = corpus.filter(mesh => getTruths(mesh).asked !== getRequested(mesh)).map(({ name }) => name)
  const remedy =
    'UPDATE_GOLDEN=1 node --import tsx test/oracle/run.ts test/oracle/behavior.test.ts, then read the diff'
  assert.equal(stale, [], `the manifests of these meshes have changed: ${remedy}`)
  for (const mesh of corpus) assert.is(getTruths(mesh).truths.length, requestsPerMesh, mesh.name)
})

agreement('the objects that Istio refuses are left out, and no others', () => {
  for (const mesh of corpus) {
    assert.equal(nameRefused(readModel(listObjects(mesh))), refusedIn(mesh), mesh.name)
  }
  assert.ok(corpus.flatMap(refusedIn).length >= 15)
})

agreement('the engine answers each request as istiod and Envoy do', () => {
  const foundAgreement = agreementIn(
    corpus.map(mesh => ({
      name: mesh.name,
      model: readModel(listObjects(mesh)),
      requests: listRequests(mesh),
      truths: getTruths(mesh).truths,
    })),
  )
  console.log(getSummary(foundAgreement))
  assert.equal(foundAgreement.disagreements, [], foundAgreement.disagreements.slice(0, 5).join('\n'))
  assert.ok(
    foundAgreement.requests - foundAgreement.answered < (mostUnknown / 100) * foundAgreement.requests,
    getSummary(foundAgreement),
  )
})

agreement.run()
