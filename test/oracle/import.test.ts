import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { completeManifests } from '../../bin/manifests/complete-manifests.ts'
import { loadManifests } from '../../bin/manifests/load-manifests.ts'
import { usualLimits } from '../../compiler/behavior/budget.ts'
import { makeModelReader } from '../../compiler/behavior/read/read-model.ts'
import { importMesh } from '../../compiler/import/import-mesh.ts'
import { summarizeImport } from '../../compiler/import/import-summary.ts'
import { istioSource } from './parts/istio.ts'

/** Istio's own samples, unchanged from its source, become specs with the same behavior. */
const imports = suite('import of the samples of Istio')

const samples = join(await istioSource(), 'samples')
const bookinfo = join(samples, 'bookinfo/platform/kube/bookinfo.yaml')
const networking = join(samples, 'bookinfo/networking')
const subsets = join(networking, 'destination-rule-all.yaml')

/** Each file of bookinfo's networking with its workloads and subsets, and the other folders unchanged. */
const meshes: readonly (readonly [string, readonly string[]])[] = [
  ...readdirSync(networking)
    .filter(file => file.endsWith('.yaml'))
    .toSorted()
    .map(file => {
      const needed = file.startsWith('virtual-service') ? [subsets] : []
      return [file, [bookinfo, ...needed, join(networking, file)]] as const
    }),
  ...['helloworld', 'httpbin', 'tcp-echo', 'websockets', 'external', 'extauthz', 'ratelimit', 'security'].map(
    folder => [folder, [join(samples, folder)]] as const,
  ),
]
const sum = { inWords: 0, all: 0 }

for (const [name, places] of meshes)
  imports(`${name} becomes a spec that is proved equal`, () => {
    const read = makeModelReader()
    const { objects } = completeManifests(read, loadManifests(places, undefined).objects)
    const imported = importMesh({
      entry: 'spec/prod/mesh.yaml',
      head: { meshc: 'v1', mesh: 'samples', environment: 'prod', manages: 'mesh' },
      read,
      objects,
      part: undefined,
      limits: usualLimits,
    })
    const { differences, unknown, defects } = imported.comparison
    assert.equal([differences.length, unknown.length, defects.length], [0, 0, 0])
    const { inWords } = summarizeImport(imported)
    // Objects of the Gateway API are not objects of Istio.
    const stays = imported.unsaid.filter(({ object }) => !object.kind.endsWith('Route'))
    sum.inWords += inWords
    sum.all += inWords + stays.length
  })

imports('nine of ten objects are in words of the language', () => {
  console.log(`${sum.inWords} of ${sum.all} objects of Istio are in words of the language`)
  assert.ok(sum.inWords >= 0.9 * sum.all, `${sum.inWords} of ${sum.all}`)
})

imports.run()
