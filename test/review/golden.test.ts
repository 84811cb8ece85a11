import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { suite } from 'uvu'
import type { ManifestObject } from '../../compiler/behavior/manifest-object.ts'
import { nameOfObject } from '../../compiler/manifests/name-of-object.ts'
import { judge, reviewEnvironment, reviewMarkdown, reviewText } from '../../compiler/review/index.ts'
import type { Review } from '../../compiler/review/reviewed.ts'
import type { Side } from '../../compiler/review/side.ts'
import { manifestDocuments } from '../../compiler/source/manifest-documents.ts'
import { gates } from '../../schema/gates.ts'
import { goldenFolder } from '../support/golden.ts'

// What meshc says to a change that other tools are silent about, or wrong: one folder each, with what was and what is.

const scenarios = suite('scenarios')
const root = join(import.meta.dirname, '../behavior/scenarios')
const golden = goldenFolder('review/expected')

for (const { name } of readdirSync(root, { withFileTypes: true }).filter(entry => entry.isDirectory()))
  scenarios(name.replaceAll('-', ' '), () => {
    const review = reviewEnvironment('shop', sideOf(name, 'before'), sideOf(name, 'after'))
    const told: Review = {
      before: 'before',
      after: 'after',
      environments: [
        {
          name: 'shop',
          review,
          ...judge(review, Object.keys(gates) as (keyof typeof gates)[], { counting: [], own: [] }),
        },
      ],
    }
    golden.matches(`${name}.txt`, `${reviewText(told, false)}\n`)
    golden.matches(`${name}.md`, reviewMarkdown(told))
  })

scenarios('no other text is kept', () => golden.hasNoOther())

scenarios.run()

/** What the folder says of a side takes the place of what runs in every scenario. */
function sideOf(scenario: string, side: 'before' | 'after'): Side {
  const own = objectsIn(`${scenario}/${side}.yaml`, `${side}.yaml`)
  const names = new Set(own.map(({ value }) => nameOfObject(value)))
  return {
    name: side,
    files: [{ path: 'shop.yaml', objects: own, isForCluster: true, isMade: false }],
    beside: objectsIn('shop.yaml', 'shop.yaml').filter(({ value }) => !names.has(nameOfObject(value))),
    spec: undefined,
    version: undefined,
  }
}

function objectsIn(path: string, file: string): readonly ManifestObject[] {
  const read = manifestDocuments(file, readFileSync(join(root, path), 'utf8'))
  if ('documents' in read) return read.documents
  throw new Error(`${path}: ${read.fault.reason}`)
}
