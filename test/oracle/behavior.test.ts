import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import fc from 'fast-check'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { readModel } from '../../compiler/behavior/read/read-model.ts'
import type { Request } from '../../compiler/behavior/request.ts'
import { manifests } from '../arbitraries/manifests/manifests.ts'
import { requestsFor } from '../arbitraries/manifests/requests.ts'
import { type Asked, agreementIn, getSummary, mostUnknown } from '../behavior/agreement.ts'
import {
  corpus,
  getRequested,
  getTruths,
  listObjects,
  listRequests,
  manifestObjects,
  refusedIn,
  truthText,
} from '../behavior/corpus.ts'
import { manifestTexts } from '../behavior/manifest-texts.ts'
import { askEnvoys, askEnvoysAbout } from './ask-envoys.ts'
import { withLimiter } from './limiter.ts'
import { testIstioProgram } from './parts/istio.ts'
import { oracle, requireOracle, withDirectory } from './tools.ts'

/** The numbers of fresh meshes and of requests to each: 2,000 pairs. An Envoy takes 80 MB, so one mesh follows another. */
const freshMeshes = 40
const freshRequests = 50

const behavior = suite('behavior')
const testBehavior = await requireOracle(behavior, 'behavior', 'envoy')
const testLimits = await requireOracle(behavior, 'behavior', 'envoy', 'limiterPrograms')
const root = join(import.meta.dirname, '../..')
const seed = Number(process.env['SEED'] ?? 1_371_183_026)
const update = process.env['UPDATE_GOLDEN'] === '1'

testBehavior('the program gives the recorded answers for its own sample', async () => {
  const { envoy } = await oracle()
  assert.match(await testIstioProgram('./cmd/behavior', { ENVOY: envoy() }), /^ok /)
})

for (const mesh of corpus)
  testBehavior(`Envoy does in ${mesh.name} what is committed`, async () => {
    const folders = mesh.folders.map(folder => join(root, folder))
    const { truths, refused } = await askEnvoys(folders, listRequests(mesh))
    assert.equal(refused, refusedIn(mesh))
    const made = { asked: getRequested(mesh), truths }
    if (update) await writeFile(join(mesh.home, 'truth.jsonl'), truthText(made))
    assert.is(truthText(getTruths(mesh)), truthText(made))
  })

testBehavior('a rate limit of one request allows one request', async () => {
  const mesh = corpus.find(({ name }) => name === 'rate-limits')!
  const text = await readFile(join(mesh.home, 'manifests.yaml'), 'utf8')
  // The buckets of sidecars in a manifest of meshc, of sidecars in a foreign manifest, and of a route at a
  // gateway.
  const narrow = text
    .split('\n---\n')
    // Each filter of a proxy counts a request. The filters of this object would count it a second time.
    .filter(object => !object.includes('"entrances"'))
    .join('\n---\n')
    .replaceAll(/\b(max_tokens"?): (3000|100000)\b/g, '$1: 1')
    // Envoy adds a part of the tokens at any time.
    .replaceAll(/\b(tokens_per_fill"?): \d+/g, '$1: 1')
    .replaceAll(/\b(fill_interval"?: "?)\d+s/g, '$13600s')
  const web = { namespace: 'shop', serviceAccount: 'web', labels: { app: 'web' } }
  const edge = { gateway: { namespace: 'istio-ingress', labels: { istio: 'public' } } }
  const targets = [
    { from: web, to: { host: 'cart.shop.svc.cluster.local', port: 80 }, headers: { 'x-user': 'ann' } },
    { from: web, to: { host: 'legacy.shop.svc.cluster.local', port: 80 } },
    { from: edge, to: { host: 'api.example.com', port: 80 }, path: '/search/x' },
  ]
  const requests = targets.flatMap((target, index) => [
    { id: `${index} first`, ...target },
    { id: `${index} second`, ...target },
  ])
  const { behavior: ask } = await oracle()
  const { lines } = await withDirectory(async directory => {
    await writeFile(join(directory, 'manifests.yaml'), narrow)
    return ask([directory], requests)
  })
  // The program writes a status for each outcome.
  const statuses = lines.map(
    line => (JSON.parse(line) as { outcomes: { status: number }[] }).outcomes[0]!.status,
  )
  assert.equal(statuses.toSorted(), [200, 200, 200, 429, 429, 429])
})

testLimits('a rate-limit service reads what meshc writes for it, and counts for all proxies', async () => {
  const mesh = corpus.find(({ name }) => name === 'shared-limits')!
  // The gateway and the route count for two gateways. The limits for all users are wider than the limit of a
  // user.
  const files = limitsIn(listObjects(mesh), {
    'route shop/api/search': 1,
    'service shop/cart': 3,
    'x-user': 1,
  })
  const web = { namespace: 'shop', serviceAccount: 'web', labels: { app: 'web' } }
  const edge = (name: string) => ({ gateway: { namespace: 'istio-ingress', labels: { istio: name } } })
  const toCart = { from: web, to: { host: 'cart.shop.svc.cluster.local', port: 80 } }
  const toOrders = { from: web, to: { host: 'orders.shop.svc.cluster.local', port: 80 }, path: '/orders/1' }
  const searches = ['public', 'internal'].map(name => ({
    from: edge(name),
    to: { host: name === 'public' ? 'api.example.com' : 'shop.internal.example.com', port: 80 },
    path: '/search/x',
  }))
  const [ann, bob] = [{ headers: { 'x-user': 'ann' } }, { headers: { 'x-user': 'bob' } }]
  const rounds = [
    {
      requests: [toCart, { ...toCart, ...ann }, { ...toCart, ...bob }, toCart],
      statuses: [200, 200, 200, 429],
    },
    { requests: [{ ...toOrders, ...ann }, { ...toOrders, ...ann }, toOrders], statuses: [200, 200, 429] },
    { requests: searches, statuses: [200, 429] },
  ]
  for (const { requests, statuses } of rounds)
    await withLimiter(files, async (address, log) => {
      assert.equal(await statusesOf(mesh, requests, address), statuses)
      assert.not.match(await log(), /error loading new configuration/)
    })
  // No service listens at the first port.
  const unanswered = [toCart, toOrders].map(request => ({ ...request, ...ann }))
  assert.equal(await statusesOf(mesh, unanswered, '127.0.0.1:1'), [200, 500])
})

testBehavior(`Envoy agrees with the engine about ${freshMeshes * freshRequests} fresh requests`, async () => {
  console.log(`SEED=${seed}`)
  const meshes: Asked[] = []
  for (const [index, drawn] of fc.sample(manifests(), { seed, numRuns: freshMeshes }).entries()) {
    const [requests = []] = fc.sample(
      fc.array(requestsFor(drawn.objects), { minLength: freshRequests, maxLength: freshRequests }),
      { seed: seed + index, numRuns: 1 },
    )
    const text = manifestTexts(drawn)
    const numbered = requests.map((request, id) => ({ id: String(id + 1), ...request }))
    const { truths, refused } = await askEnvoysAbout(text, numbered)
    assert.equal(refused, [])
    const name = `mesh ${index} of SEED=${seed}`
    meshes.push({
      name,
      model: readModel(manifestObjects('manifests.yaml', text)),
      requests: numbered,
      truths,
    })
  }
  const agreement = agreementIn(meshes)
  console.log(getSummary(agreement))
  assert.equal(agreement.disagreements, [], agreement.disagreements.slice(0, 5).join('\n'))
  assert.ok(
    agreement.requests - agreement.answered < (mostUnknown / 100) * agreement.requests,
    getSummary(agreement),
  )
})

behavior.run()

/**
 * Sends requests through proxies that ask a rate-limit service at an address. Returns the statuses, sorted.
 */
async function statusesOf(
  { folders }: (typeof corpus)[number],
  requests: readonly Omit<Request, 'id'>[],
  address: string,
): Promise<readonly number[]> {
  const { behavior: ask } = await oracle()
  const numbered = requests.map((request, index) => ({ id: String(index), ...request }))
  const { lines } = await ask(
    folders.map(folder => join(root, folder)),
    numbered as readonly Request[],
    address,
  )
  return lines
    .map(line => (JSON.parse(line) as { outcomes: { status: number }[] }).outcomes[0]!.status)
    .toSorted()
}

/**
 * Reads the files that the ConfigMaps of rate-limit services hold.
 *
 * @param narrow numbers of requests an hour that replace those of a mesh, by entries or their keys
 */
function limitsIn(
  objects: ReturnType<typeof listObjects>,
  narrow: Readonly<Record<string, number>>,
): Readonly<Record<string, string>> {
  const maps = objects.flatMap(({ value }) => {
    const { kind, data } = value as { kind: string; data?: Readonly<Record<string, string>> }
    return kind === 'ConfigMap' ? Object.entries(data ?? {}) : []
  })
  const limits = maps.filter(([, text]) => text.startsWith('domain: '))
  return Object.fromEntries(
    limits.map(([name, text]) => [
      name,
      text.replaceAll(
        /"key":"([^"]+)"(?:,"value":"([^"]+)")?,"rate_limit":\{[^}]*\}/g,
        (whole, key: string, value: string | undefined) => {
          const requests = narrow[value === undefined ? key : `${key} ${value}`]
          return requests === undefined
            ? whole
            : whole.replace(/\{.*\}/, `{"unit":"hour","requests_per_unit":${requests}}`)
        },
      ),
    ]),
  )
}
