import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { makePageEngine } from '../../bin/map/page-engine.ts'
import { once } from '../../compiler/basics/once.ts'
import type { FormRequest } from '../../compiler/map/answers.ts'
import type { PageMesh } from '../../compiler/map/page-data.ts'
import type { PageObjects, PagePicture } from '../../compiler/map/page-html.ts'
import { meshc } from '../support/meshc.ts'

const engines = suite('engine of the page')

const form: FormRequest = {
  from: 'gateway/istio-public',
  to: 'https://api.example.com',
  method: 'GET',
  path: '/api/orders',
  headers: [],
  claims: '{"iss": "https://login.example.com", "sub": "ann", "aud": "my-api"}',
  plaintext: false,
}

/** Reads the mesh from the page of the environment `prod` of this project. */
const readMesh = once(async (): Promise<PageMesh> => {
  const root = join(import.meta.dirname, '../..')
  const { stdout } = await meshc(root, ['map', '--env', 'prod', '--output', '-'])
  const read = <Part>(id: string) => {
    const [, json] = new RegExp(`<script type="application/json" id="${id}">(.*?)</script>`).exec(stdout)!
    return JSON.parse(json!) as Part
  }
  const [picture] = read<PagePicture>('picture').environments
  const [objects] = read<PageObjects>('objects').environments
  return { ...picture!.mesh!, ...objects!.after! }
})

engines('a gateway that the form names is the way of a client outside, as without a name', async () => {
  const engine = makePageEngine(await readMesh())
  const named = engine.answerForm(form)
  if (named.kind === 'failure') throw new Error(`${named.message}: ${named.help}`)
  assert.equal(named.way, ['internet', 'gateway istio-ingress/istio-public', 'service my-api/my-api'])
  assert.match(
    named.command,
    'meshc trace --env prod --from gateway/istio-public --to https://api.example.com',
  )
  const unnamed = engine.answerForm({ ...form, from: '' })
  if (unnamed.kind === 'failure') throw new Error(unnamed.message)
  assert.equal(unnamed.way, named.way)
  assert.equal(unnamed.json.outcomes, named.json.outcomes)
  const unknown = engine.answerForm({ ...form, from: 'gateway/istio-publik' })
  assert.equal(unknown.kind === 'failure' && [unknown.message, unknown.help], [
    'there is no gateway `istio-publik`',
    'there is `istio-ingress/istio-public` and `public`',
  ])
})

engines('a warm engine answers as a cold one', async () => {
  const mesh = await readMesh()
  const [cold, warm] = [makePageEngine(mesh), makePageEngine(mesh)]
  warm.warm()
  for (const node of mesh.map.nodes.keys()) assert.equal(warm.describeNode(node), cold.describeNode(node))
})

engines.run()
