import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { suite } from 'uvu'
import type { ManifestObject } from '../../compiler/behavior/manifest-object.ts'
import { nameOfObject } from '../../compiler/manifests/name-of-object.ts'
import { judge, reviewEnvironment, reviewMarkdown, reviewText } from '../../compiler/review/index.ts'
import type { Review } from '../../compiler/review/reviewed.ts'
import type { Side } from '../../compiler/review/side.ts'
import { readManifestDocuments } from '../../compiler/source/manifest-documents.ts'
import { gates } from '../../schema/gates.ts'
import { goldenFolder } from '../support/golden.ts'

// Reports of meshc for changes on which other tools are silent or wrong: a folder for each change, with both
// sides.

const scenarios = suite('scenarios')
const root = join(import.meta.dirname, '../behavior/scenarios')
const golden = goldenFolder('review/expected')

for (const { name } of readdirSync(root, { withFileTypes: true }).filter(entry => entry.isDirectory()))
  scenarios(name.replaceAll('-', ' '), () => {
    const review = reviewEnvironment('shop', getSide(name, 'before'), getSide(name, 'after'))
    const statedReview: Review = {
      before: 'before',
      after: 'after',
      environments: [
        {
          name: 'shop',
          review,
          ...judge(review, Object.keys(gates) as (keyof typeof gates)[], { counting: [], ownWaivers: [] }),
        },
      ],
    }
    golden.matches(`${name}.txt`, `${reviewText(statedReview, false)}\n`)
    golden.matches(`${name}.md`, reviewMarkdown(statedReview))
  })

/**
 * Makes a VirtualService in which two rules together match all requests of the last rule. The redirects come
 * first.
 */
const takenTogether = (redirects: number) => ({
  apiVersion: 'networking.istio.io/v1',
  kind: 'VirtualService',
  metadata: { name: 'web', namespace: 'shop' },
  spec: {
    hosts: ['web'],
    http: [
      ...Array.from({ length: redirects }, (_, index) => ({
        match: [{ uri: { exact: `/old/${index}` } }],
        redirect: { uri: `/new/${index}` },
      })),
      { match: [{ uri: { prefix: '/shop' }, headers: { 'x-canary': {} } }], ...toWeb },
      { match: [{ uri: { prefix: '/shop' }, withoutHeaders: { 'x-canary': {} } }], ...toWeb },
      { match: [{ uri: { exact: '/shop/cart' } }], ...toWeb },
      toWeb,
    ],
  },
})
const toWeb = { route: [{ destination: { host: 'web' } }] }

scenarios('dead routes among very many are listed if one route takes all of their requests', () => {
  const reported = [2, 300].map(redirects => {
    const name = `${redirects} redirects`
    const review = reviewEnvironment(
      'shop',
      sideWith('before', []),
      sideWith('after', [manifestObject(takenTogether(redirects))]),
    )
    const judged = { name, review, ...judge(review, [], { counting: [], ownWaivers: [] }) }
    return reviewText({ before: 'before', after: 'after', environments: [judged] }, false)
  })
  golden.matches('very-many-routes.txt', `${reported.join('\n\n')}\n`)
})

scenarios('no other text is kept', () => golden.hasNoOther())

scenarios.run()

/** Returns a side of a scenario: the objects of its folder replace those that run in every scenario. */
const getSide = (scenario: string, side: 'before' | 'after'): Side =>
  sideWith(side, objectsIn(`${scenario}/${side}.yaml`, `${side}.yaml`))

function sideWith(side: 'before' | 'after', manifestObjects: readonly ManifestObject[]): Side {
  const names = new Set(manifestObjects.map(({ value }) => nameOfObject(value)))
  return {
    name: side,
    files: [{ path: 'shop.yaml', objects: manifestObjects, isForCluster: true, isMade: false }],
    beside: objectsIn('shop.yaml', 'shop.yaml').filter(({ value }) => !names.has(nameOfObject(value))),
    spec: undefined,
    version: undefined,
  }
}

const manifestObject = (value: unknown): ManifestObject => ({
  value,
  file: 'after.yaml',
  line: 1,
  lineOf: () => 1,
})

function objectsIn(path: string, file: string): readonly ManifestObject[] {
  const read = readManifestDocuments(file, readFileSync(join(root, path), 'utf8'))
  if ('documents' in read) return read.documents
  throw new Error(`${path}: ${read.fault.reason}`)
}
