import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { completeManifests } from '../../bin/manifests/complete-manifests.ts'
import { usualLimits } from '../../compiler/behavior/budget.ts'
import type { ManifestObject } from '../../compiler/behavior/manifest-object.ts'
import { makeModelReader, readModel } from '../../compiler/behavior/read/read-model.ts'
import { type ImportedMesh, importMesh } from '../../compiler/import/import-mesh.ts'
import { summarizeImport } from '../../compiler/import/import-summary.ts'
import { printSpecs } from '../../compiler/import/spec-files.ts'
import { agreementIn } from '../behavior/agreement.ts'
import { corpus, getTruths, listObjects, listRequests } from '../behavior/corpus.ts'

const imports = suite('import of the corpus')

const head = { meshc: 'v1', mesh: 'shop', environment: 'prod' }
const sum = { inWords: 0, patched: 0, raw: 0, scalars: 0, scalarsInWords: 0, unknown: 0 }

function importObjects(manifests: readonly ManifestObject[]): ImportedMesh {
  const read = makeModelReader()
  const { objects } = completeManifests(read, manifests)
  const entry = 'spec/prod/mesh.yaml'
  return importMesh({ entry, head, read, objects, part: undefined, limits: usualLimits })
}

const printText = (imported: ImportedMesh): string =>
  printSpecs([{ name: 'prod', imported, head: ' Imported.' }])[0]!.text

/**
 * Checks whether a line of a disagreement is only about a name in logs. It is the name of a route that the
 * language names itself, or its index: the language sorts the routes of a host by the length of their paths.
 * Or it is the name of the policy that denies for a part of the spec, instead of another policy of its
 * namespace.
 */
const isName = (line: string): boolean =>
  /^route\.(name|index): /.test(line) ||
  /^outcomes\.\d+\.policy: meshc says "ns\[([^\]]+)\]-policy\[([^\]]+\.(?:gateway-)?deny)\]-rule\[\d+\]", Envoy "ns\[\1\]-policy\[(?!\2\])/.test(
    line,
  )

for (const mesh of corpus)
  imports(`${mesh.name} becomes a spec that does the same, and an import of that changes nothing`, () => {
    const imported = importObjects(listObjects(mesh))
    const { differences, unknown, defects } = imported.comparison
    assert.equal(defects, [])
    assert.equal(
      differences.map(({ change, callers, destinations }) => JSON.stringify([change, callers, destinations])),
      [],
    )
    const summary = summarizeImport(imported)
    for (const key of Object.keys(summary) as (keyof typeof summary)[]) sum[key] += summary[key]
    sum.unknown += unknown.length
    const agreed = agreementIn([
      {
        name: mesh.name,
        model: readModel(imported.after),
        requests: listRequests(mesh),
        truths: getTruths(mesh).truths,
      },
    ])
    const disagreements = agreed.disagreements.filter(
      words =>
        !words
          .split('\n')
          .slice(1)
          .every(line => isName(line.trim())),
    )
    assert.equal(disagreements, [])
    assert.is(printText(importObjects(imported.after)), printText(imported))
  })

imports('figures', () => {
  const share = (sum.scalarsInWords / sum.scalars) * 100
  console.log(
    `${sum.inWords} objects in words, ${sum.patched} patches, ${sum.raw} raw objects; ${share.toFixed(1)} % of ${sum.scalars} values in words; ${sum.unknown} parts unknown`,
  )
})

imports.run()
