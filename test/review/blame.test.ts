import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { makeCompiledSide } from '../../bin/diff/sides.ts'
import { judge, reviewEnvironment, reviewMarkdown, reviewText } from '../../compiler/review/index.ts'
import type { Side } from '../../compiler/review/side.ts'
import { compileText } from '../support/compile-text.ts'

const blame = suite('blame')

const shop = (...lines: readonly string[]) => `meshc: v1
mesh: shop
services:
  web: { namespace: shop, port: { http: 8080 } }
  api:
    namespace: shop
    port: { http: 8080 }
    allow:
      - from: namespace/shop
${lines[0] ?? ''}
  mail:
    namespace: mail
    port: { http: 8080 }
    allow:
      - from: api
${lines[1] ?? ''}
external:
  pay:
    hosts: [pay.example.com]
    port: { https: 443 }
    allow:
      - from: api
${lines[2] ?? ''}
`

blame('of two edits that touch one Sidecar, each change of behavior has its own', () => {
  const before = getSide(shop())
  const text = shop('', '      - from: web', '      - from: web')
  const [ofMail, ofPay] = text
    .split('\n')
    .flatMap((line, index) => (/from: web/.test(line) ? [index + 1] : []))
  const after = getSide(text)
  const { findings } = reviewEnvironment('prod', before, after)
  const causes = findings.flatMap(({ destinations, callers, because }) =>
    callers.includes('shop/web') ? [[destinations.join(), because.map(({ line }) => line)]] : [],
  )
  assert.ok(causes.length >= 2, JSON.stringify(findings))
  for (const [destination, lines] of causes)
    assert.equal(lines, [String(destination).startsWith('mail') ? ofMail : ofPay], String(destination))
})

blame('the pairs that a change can touch are among all pairs', () => {
  const { pairs } = reviewEnvironment('prod', getSide(shop()), getSide(shop('      - from: anyone')))
  assert.ok(pairs.compared > 0 && pairs.compared <= pairs.all, JSON.stringify(pairs))
})

blame('a finding that several environments share is reported once', () => {
  const [before, after] = [getSide(shop()), getSide(shop('      - from: anyone'))]
  const environments = ['dev', 'prod', 'staging'].map(name => {
    const review = reviewEnvironment(name, before, after)
    return { name, review, ...judge(review, [], { counting: [], ownWaivers: [] }) }
  })
  const side = getSide(shop())
  const unchanged = reviewEnvironment('test', side, side)
  const reported = {
    before: 'main',
    after: 'now',
    environments: [
      ...environments,
      { name: 'test', review: unchanged, ...judge(unchanged, [], { counting: [], ownWaivers: [] }) },
    ],
  }
  const text = reviewText(reported, false)
  assert.is(text.match(/^ACCESS$/gm)?.length, 1, text)
  assert.match(text, /^dev, prod, staging · main → now: /)
  assert.match(text, /^test · main → now: nothing changes/m)
  assert.is(reviewMarkdown(reported).match(/^### /gm)?.length, 2)
})

function getSide(text: string): Side {
  const entry = 'spec/prod/mesh.yaml'
  const result = compileText({ [entry]: text }, entry)
  if (!result.ok) throw new Error(result.diagnostics.map(({ message }) => message).join('; '))
  return makeCompiledSide('side', {
    environment: { name: 'prod', entry, output: 'out/prod' },
    compilation: result.value,
    sources: result.sources,
  })
}

blame.run()
