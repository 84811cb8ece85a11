import fc from 'fast-check'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { readModel } from '../../compiler/behavior/read/read-model.ts'
import { requestsFor } from '../arbitraries/manifests/requests.ts'
import { type Asked, agreementIn, getSummary, nameRefused } from '../behavior/agreement.ts'
import { manifestObjects } from '../behavior/corpus.ts'
import { manifestTexts } from '../behavior/manifest-texts.ts'
import { askEnvoysAbout } from './ask-envoys.ts'
import { furnish, readIstioMeshes } from './istio-meshes.ts'
import { oracle, requireOracle } from './tools.ts'

/** The numbers of meshes, each of some files of Istio's samples and tests, and of requests to each. */
const meshesDrawn = Number(process.env['MESHES'] ?? 30)
const requestsDrawn = 40
const seed = Number(process.env['SEED'] ?? 7)

/** Meshes of manifests that were not written for meshc. */
const meshes = suite("meshes of Istio's own tests")
const testMeshes = await requireOracle(meshes, 'behavior', 'envoy', 'istioMeshes')

testMeshes(`Envoy agrees with the engine about ${meshesDrawn * requestsDrawn} requests`, async () => {
  console.log(`SEED=${seed}`)
  const { istioMeshes } = await oracle()
  const files = readIstioMeshes(istioMeshes())
  assert.ok(files.length > 200, `${files.length} files have objects of Istio`)
  const drawn = fc.array(fc.constantFrom(...files), { minLength: 2, maxLength: 4 })
  const answered: Asked[] = []
  for (const [index, chosen] of fc.sample(drawn, { seed, numRuns: meshesDrawn }).entries()) {
    // Of two objects with one name, the last counts, as when all are applied in this order.
    const objects = new Map(
      chosen.flat().map(each => [`${each.kind} ${each.metadata.namespace}/${each.metadata.name}`, each]),
    )
    const furnished = furnish([...objects.values()])
    const requests = fc
      .sample(requestsFor(furnished), { seed: seed + index, numRuns: requestsDrawn })
      .map((request, id) => ({ ...request, id: String(id + 1) }))
    const text = manifestTexts({ objects: furnished, meshConfig: {} })
    const model = readModel(manifestObjects('manifests.yaml', text))
    const { truths, refused } = await askEnvoysAbout(text, requests)
    const name = `mesh ${index} of SEED=${seed}`
    assert.equal(nameRefused(model), refused, name)
    answered.push({ name, model, requests, truths })
  }
  const agreement = agreementIn(answered)
  console.log(getSummary(agreement))
  assert.equal(agreement.disagreements, [], agreement.disagreements.slice(0, 5).join('\n'))
  assert.ok(agreement.answered > 0.9 * agreement.requests, getSummary(agreement))
})

meshes.run()
