import fc from 'fast-check'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { type Limits, limitQuestions, spend, usualLimits } from '../../compiler/behavior/budget.ts'
import { compare } from '../../compiler/behavior/compare/compare.ts'
import { evaluate } from '../../compiler/behavior/evaluate/evaluate.ts'
import { makeUnknownResult } from '../../compiler/behavior/evaluate/unknown-result.ts'
import { findRouteStates, type RouteState } from '../../compiler/behavior/lint/route-states.ts'
import { findRuleStates } from '../../compiler/behavior/lint/rule-states.ts'
import type { BehaviorModel } from '../../compiler/behavior/model.ts'
import { describeUnmodelledReason, isLimit } from '../../compiler/behavior/unmodelled-reasons.ts'
import { compile } from '../../compiler/compile.ts'
import { holds } from '../holds.ts'
import { getWorkspace } from '../support/compile-text.ts'
import { getModel } from '../support/model-of.ts'

/** No part of a mesh makes a question exceed its limits. The tests count work and read no clock. */
const test = suite('limits')

/** Low limits, so that the tests are fast. The same attacks exceed the default limits too, only later. */
const limits: Limits = { time: 100, total: 1_000, memory: 16 * 2 ** 20 }

/** Expressions whose automata or programs have millions of states. */
const attacks: Readonly<
  Record<string, { readonly expressions: readonly string[]; readonly reason: RegExp }>
> = {
  'one class and what follows it': {
    expressions: ['.*\\pL.{20}'],
    reason: /`\.\*\\pL\.\{20\}` .* limit allows$/,
  },
  'one letter and what follows it': {
    expressions: ['.*a.{40}b'],
    reason: /`\.\*a\.\{40\}b` .* limit allows$/,
  },
  'many expressions that multiply': {
    expressions: Array.from({ length: 26 }, (_, index) => `.*${String.fromCharCode(97 + index)}.*`),
    reason: /`\.\*.\.\*` .* limit allows$/,
  },
  'many expressions of another kind': {
    expressions: Array.from({ length: 12 }, (_, index) => `.*${String.fromCharCode(97 + index)}.{12}`),
    reason: /`\.\*.\.\{12\}` .* limit allows$/,
  },
  'a program that is too large': {
    expressions: ['(a|b|c|d){1000}'.repeat(60)],
    reason: /is too large: Envoy takes no program of more than 32768 instructions$/,
  },
}

/** Expressions that people write: meshc decides each of them. */
const ordinary = [
  'v[12]',
  '\\pL+',
  '\\p{Greek}*-\\pN+',
  '[\\pL\\pN]{1,100}.*',
  '[\\pL\\pN_-]{1,64}',
  '(?i)\\p{Lu}{3}-\\pN+',
  '(.*a){20}',
  '.*\\b(canary|beta)\\b.*',
  '(?:[a-z0-9-]+\\.)*example\\.com',
]

/** The places for a pattern in the match of a route. */
const places: Readonly<Record<string, (regex: string) => object>> = {
  header: regex => ({ headers: { 'x-id': { regex } } }),
  path: regex => ({ uri: { regex } }),
  query: regex => ({ queryParams: { id: { regex } } }),
  authority: regex => ({ authority: { regex } }),
}

const cart = {
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name: 'cart', namespace: 'shop' },
  spec: { selector: { app: 'cart' }, ports: [{ name: 'http', port: 80 }] },
}
const pod = {
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'cart', namespace: 'shop' },
  spec: {
    selector: { matchLabels: { app: 'cart' } },
    template: {
      metadata: { labels: { app: 'cart', 'sidecar.istio.io/inject': 'true' } },
      spec: { serviceAccountName: 'cart', containers: [{ name: 'app' }] },
    },
  },
}

const routes = (http: readonly object[]) => ({
  apiVersion: 'networking.istio.io/v1',
  kind: 'VirtualService',
  metadata: { name: 'cart', namespace: 'shop' },
  spec: { hosts: ['cart'], http },
})

const route = [{ destination: { host: 'cart' } }]

const meshWith = (matches: readonly object[]): BehaviorModel =>
  getModel([cart, pod, routes([...matches.map(match => ({ match: [match], route })), { route }])])

const listReasons = (states: readonly RouteState[]): readonly string[] => [
  ...new Set(
    states.flatMap(state =>
      state.state === 'unknown' ? state.because.map(({ reason }) => describeUnmodelledReason(reason!)) : [],
    ),
  ),
]

for (const [name, { expressions, reason }] of Object.entries(attacks))
  for (const [place, match] of Object.entries(places)) {
    // The authority is a constant in each question, so meshc makes no automaton for its expressions.
    if (place === 'authority') continue
    test(`routes are unknown: ${name}, in a ${place}`, () => {
      const model = meshWith(expressions.map(match))
      const states = model.virtualServices.flatMap(findRouteStates(model, limits))
      assert.ok(states.some(({ state }) => state === 'unknown'))
      assert.not.ok(states.some(({ state }) => state === 'dead' || state === 'idle'))
      const reasons = listReasons(states)
      assert.ok(
        reasons.some(each => reason.test(each)),
        reasons.join('\n'),
      )
      // The reported place is that of the first expression.
      const because = states.flatMap(routeState => (routeState.state === 'unknown' ? routeState.because : []))
      assert.ok(because.every(({ reason }) => isLimit(reason)))
      assert.ok(
        because.some(({ object, path }) => object.kind === 'VirtualService' && path.at(-1) === 'regex'),
      )
    })
  }

test('an attack in CORS, in a host and in a rewrite ends, too', () => {
  const regex = '.*\\pL.{20}'
  const model = getModel([
    cart,
    pod,
    routes([
      { match: [places['authority']!(regex)], route },
      { route, corsPolicy: { allowOrigins: [{ regex }] } },
    ]),
  ])
  const rewriting = getModel([
    cart,
    pod,
    routes([
      {
        match: [{ uri: { prefix: '/a' } }],
        rewrite: { uriRegexRewrite: { match: '(.*a){20}', rewrite: '/' } },
        route,
      },
    ]),
  ])
  for (const mesh of [model, rewriting])
    for (const states of mesh.virtualServices.map(findRouteStates(mesh, limits)))
      assert.not.ok(states.some(({ state }) => state === 'dead'))
})

for (const expression of ordinary)
  for (const place of ['header', 'path', 'query'])
    test(`an ordinary expression is looked at: ${expression}, in a ${place}`, () => {
      const model = meshWith([expression, `${expression}x?`].map(places[place]!))
      const states = model.virtualServices.flatMap(findRouteStates(model))
      assert.equal(listReasons(states), [])
    })

test('rules of policies are unknown where the routes before them are', () => {
  const model = getModel([
    cart,
    pod,
    routes([{ match: [places['header']!('.*\\pL.{20}')], redirect: { uri: '/' } }, { route }]),
    {
      apiVersion: 'security.istio.io/v1',
      kind: 'AuthorizationPolicy',
      metadata: { name: 'cart', namespace: 'shop' },
      spec: { action: 'DENY', rules: [{ to: [{ operation: { methods: ['GET'] } }] }] },
    },
  ])
  for (const { state } of model.authorizationPolicies.flatMap(findRuleStates(model, limits)))
    assert.ok(state === 'unknown' || state === 'live')
})

test('an unknown difference names the expression and its place', () => {
  const attack = '.*\\pL.{20}'
  const before = meshWith([])
  const after = getModel([
    cart,
    pod,
    routes([{ match: [places['header']!(attack)], redirect: { uri: '/' } }, { route }]),
  ])
  const { differences, unknown } = compare(before, after, limits)
  assert.equal(differences, [])
  const because = unknown.flatMap(part => part.because)
  assert.ok(because.length > 0)
  for (const { reason, object, path } of because) {
    if (reason?.code !== 'expression-over-limit') throw new Error(`the reason is ${reason?.code}`)
    assert.equal([reason.expression, reason.part], [attack, 'header x-id'])
    assert.ok(isLimit(reason))
    assert.is(`${object.kind} ${path.join('.')}`, 'VirtualService spec.http.0.match.0.headers.x-id.regex')
  }
})

test('an unknown expectation is reported as unknown', () => {
  const spec = (regex: string) => `meshc: v1
mesh: shop
environment: prod
services:
  cart:
    namespace: shop
    port: { http: 8080 }
    versions: { stable: { version: v1 }, canary: { version: v2 } }
    routes:
      - { name: some, when: { headers: { x-id: { regex: '${regex}' } } }, traffic: { canary: 100% } }
      - { name: everyone, traffic: { stable: 100% } }
    allow: [{ from: web, paths: [/api/*] }]
  web: { namespace: shop }
expect:
  - { from: web, to: cart, path: /api/orders }
`
  const listDiagnostics = (regex: string) =>
    compile('spec/prod/mesh.yaml', getWorkspace({ 'spec/prod/mesh.yaml': spec(regex) }), undefined, limits)
      .diagnostics
  assert.equal(listDiagnostics('v[12]'), [])
  const [diagnostic, ...locatedDiagnostics] = listDiagnostics('.*\\pL.{20}')
  assert.equal(locatedDiagnostics, [])
  assert.ok(diagnostic)
  assert.is(diagnostic.code, 'MESH3803')
  assert.match(
    diagnostic.message,
    /^meshc cannot decide whether `web` reaches `cart` on `\/api\/orders`: VirtualService `shop\/cart` \(`spec\.http\.0\.match\.0\.headers\.x-id\.regex`\): the expression `\.\*\\pL\.\{20\}` .* limit allows$/,
  )
  assert.match(diagnostic.help ?? '', /--time-limit/)
})

test('an evaluation does not compile a program that is too large', () => {
  const model = meshWith([places['header']!('(a|b|c|d){1000}'.repeat(60))])
  const request = {
    from: { namespace: 'shop', labels: { app: 'cart' } },
    to: { host: 'cart.shop.svc.cluster.local', port: 80 },
    method: 'GET',
    path: '/',
    headers: { 'x-id': 'a' },
  }
  const { verdict, unknown } = limitQuestions(limits)(
    () => evaluate(model, request),
    reason => makeUnknownResult(model, request, reason),
  )
  assert.is(verdict, 'UNKNOWN')
  assert.equal(unknown[0]?.reason, {
    code: 'expression-over-limit',
    expression: '(a|b|c|d){1000}'.repeat(60),
    limit: { instructions: 32_768 },
  })
})

test('an answer under any limits is the same as without them, or unknown, and the same twice', () => {
  const expressions = ['v[12]', '.*a.{6}', '.*b.{6}', '\\pL+', '[^a]*', '.*', '.*\\pL.{20}']
  const routeStates = new Map<string, readonly RouteState[]>()
  holds(
    fc.property(
      fc.array(fc.constantFrom(...expressions), { minLength: 1, maxLength: 3 }),
      fc.constantFrom('header', 'path'),
      fc.integer({ min: 1, max: 60 }),
      fc.integer({ min: 1, max: 600 }),
      (drawn, place, time, kibibytes) => {
        const model = meshWith(drawn.map(places[place]!))
        const statesWithin = (given: Limits) => model.virtualServices.flatMap(findRouteStates(model, given))
        const key = `${place} ${drawn.join()}`
        const whole = routeStates.get(key) ?? statesWithin(limits)
        routeStates.set(key, whole)
        const tight = { time, total: 10 * time, memory: kibibytes * 1024 }
        const states = statesWithin(tight)
        assert.equal(
          states.map(({ state }) => state),
          statesWithin(tight).map(({ state }) => state),
        )
        for (const [index, { state }] of states.entries())
          assert.ok(state === 'unknown' || state === whole[index]!.state, `${state}, ${whole[index]!.state}`)
      },
    ),
  )
})

test('a question ends by the clock where a machine is slow, and all together end', () => {
  let now = 0
  const slow: Limits = { ...usualLimits, clock: () => now, isOver: () => now > 25_000 }
  const ask = limitQuestions(slow)
  const answer = (milliseconds: number) =>
    ask(
      () => {
        for (let past = 0; past < milliseconds; past++) {
          now++
          spend(5_000)
        }
        return 'answered'
      },
      ({ code }) => code,
    )
  assert.is(answer(9_000), 'answered')
  assert.is(answer(11_000), 'question-over-time')
  assert.is(answer(9_000), 'questions-over-time')
  assert.is(answer(0), 'questions-over-time')
})

test('the steps of all questions are counted together, and a nested question is a part of its parent', () => {
  const ask = limitQuestions({ time: 10, total: 25, memory: 1 })
  const work = (milliseconds: number) =>
    ask(
      () =>
        ask(
          () => {
            spend(milliseconds * 8_000)
            return 'answered'
          },
          () => 'the inner question ends',
        ),
      ({ code }) => code,
    )
  assert.is(work(9), 'answered')
  assert.is(work(11), 'question-over-time')
  assert.is(work(4), 'answered')
  assert.is(work(4), 'questions-over-time')
  assert.is(work(1), 'questions-over-time')
})

test('an error with another cause passes through the limits', () => {
  const ask = limitQuestions(usualLimits)
  assert.throws(
    () =>
      ask(
        () => {
          throw new Error('a defect')
        },
        () => undefined,
      ),
    'a defect',
  )
  assert.is(
    ask(
      () => 1,
      () => 2,
    ),
    1,
  )
})

test.run()
