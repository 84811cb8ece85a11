import fc from 'fast-check'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { canJson } from '../../bin/behavior/can-json.ts'
import { canText } from '../../bin/behavior/can-text.ts'
import { lintMesh } from '../../bin/behavior/lint-findings.ts'
import { lintJson } from '../../bin/behavior/lint-json.ts'
import { lintText } from '../../bin/behavior/lint-text.ts'
import type { MeshAtHand } from '../../bin/behavior/mesh.ts'
import { findTargets } from '../../bin/behavior/target-named.ts'
import { traceJson } from '../../bin/behavior/trace-json.ts'
import { traceText } from '../../bin/behavior/trace-text.ts'
import { Failure } from '../../bin/cli/failure.ts'
import { findAllowed } from '../../compiler/behavior/allowed/allowed.ts'
import { usualLimits } from '../../compiler/behavior/budget.ts'
import { evaluate } from '../../compiler/behavior/evaluate/evaluate.ts'
import { getQualifiedName } from '../../compiler/behavior/qualified-name.ts'
import { makeReachFinder } from '../../compiler/behavior/reach/reach.ts'
import { makeModelReader } from '../../compiler/behavior/read/read-model.ts'
import type { Request } from '../../compiler/behavior/request.ts'
import { judge } from '../../compiler/review/judge.ts'
import { reviewMarkdown } from '../../compiler/review/render-markdown.ts'
import { reviewText } from '../../compiler/review/render-text.ts'
import { reviewEnvironment } from '../../compiler/review/review.ts'
import { reviewJson } from '../../compiler/review/review-json.ts'
import type { Side } from '../../compiler/review/side.ts'
import { type MutatedManifests, mutatedManifests } from '../arbitraries/manifests/mutated.ts'
import { requestsFor } from '../arbitraries/manifests/requests.ts'
import { holds } from '../holds.ts'
import { listObjects } from '../support/model-of.ts'

const totality = suite('totality of manifests')

/** A mesh has hundreds of parts: shrinking it takes longer than reading it. */
const unshrunk = { endOnFailure: true }

interface Drawn extends MutatedManifests {
  readonly requests: readonly Request[]
}

const drawn: fc.Arbitrary<Drawn> = mutatedManifests().chain(mutated =>
  fc.record({
    sound: fc.constant(mutated.sound),
    objects: fc.constant(mutated.objects),
    meshConfig: fc.constant(mutated.meshConfig),
    requests: fc.array(requestsFor(mutated.sound), { minLength: 8, maxLength: 8 }),
  }),
)

/** Returns the mesh as a command loads it, with the places of the test's objects. */
const getMesh = ({ objects, meshConfig }: MutatedManifests): MeshAtHand => ({
  name: 'deployed',
  model: makeModelReader()(listObjects(objects), { value: meshConfig }),
  isForeign: true,
  assumed: [],
  specNames: new Map(),
  remoteWorkloads: new Map(),
  instances: new Map(),
  placeOf: ({ object: { source }, path }) =>
    source === undefined ? undefined : { file: source.file, line: source.lineOf(path) },
})

totality('a request to any manifests has an answer, and an unknown answer has a reason', () => {
  let answers = 0
  holds(
    fc.property(drawn, fc.constantFrom(...strangeWords), ({ requests, ...mutated }, word) => {
      const mesh = getMesh(mutated)
      for (const request of requests.flatMap(request => [request, strangely(request, word)])) {
        const result = evaluate(mesh.model, request)
        const named = [...result.unknown, ...result.outcomes.flatMap(outcome => outcome.unknown)]
        assert.is(result.verdict === 'UNKNOWN', named.length > 0)
        assertPlain(traceText(result, mesh, false, []).join('\n'), traceJson(request, result, mesh, []))
        answers++
      }
    }),
    { numRuns: 200, ...unshrunk },
  )
  assert.ok(answers > 1000)
})

totality('the allowed requests of a workload are listed for any manifests', () => {
  let answers = 0
  holds(
    fc.property(drawn, fc.nat(), (mutated, choice) => {
      const mesh = getMesh(mutated)
      const { workloads, services } = mesh.model
      const caller = workloads[choice % Math.max(1, workloads.length)]
      const service = services[choice % Math.max(1, services.length)]
      if (caller === undefined || service === undefined) return
      const { namespace, serviceAccount, labels } = caller
      const from = { namespace, serviceAccount, labels }
      const ports = listTargets(service.host, mesh, caller).map(({ host, port, protocol }) =>
        findAllowed(mesh.model, { from, method: 'GET', path: '/', to: { host, port }, protocol }),
      )
      for (const allowed of ports)
        assertPlain(
          canText(allowed, mesh, false).join('\n'),
          canJson(getQualifiedName(caller), service.host, [allowed], mesh),
        )
      const reached = makeReachFinder(mesh.model)({
        to: { workloads: [{ namespace: service.namespace, labels: service.selector }] },
        method: undefined,
        path: undefined,
        headers: [],
        token: undefined,
        isAsked: () => true,
        assumedCallers: [],
        includesRefused: true,
      })
      answers += ports.length + reached.length
    }),
    { numRuns: 100, ...unshrunk },
  )
  assert.ok(answers > 50, String(answers))
})

totality('lint has something to say of any manifests', () => {
  holds(
    fc.property(drawn, mutated => {
      const mesh = getMesh(mutated)
      const lint = lintMesh(mesh, usualLimits, () => {})
      assertPlain(lintText(lint, mesh, false).join('\n'), lintJson(lint, mesh, true))
    }),
    { numRuns: 100, ...unshrunk },
  )
})

totality('any manifests can be held against others, from either side', () => {
  let differences = 0
  holds(
    fc.property(drawn, fc.boolean(), ({ sound, objects }, isAfter) => {
      const sides = [getSide('sound', sound), getSide('mutated', objects)] as const
      const [before, after] = isAfter ? sides : ([sides[1], sides[0]] as const)
      const review = reviewEnvironment('prod', before, after)
      assert.equal(review.defects, [])
      const environment = {
        name: 'prod',
        review,
        ...judge(review, ['unknown', 'new-access'], { counting: [], ownWaivers: [] }),
      }
      const reported = { before: 'deployed', after: 'built', environments: [environment] }
      assertPlain(reviewText(reported, false), reviewJson(reported))
      assert.ok(reviewMarkdown(reported).length < 65_000)
      differences += review.findings.length + review.unknown.length
    }),
    { numRuns: 100, ...unshrunk },
  )
  assert.ok(differences > 50, String(differences))
})

/** Asserts that a terminal shows a text unchanged, and that any reader accepts the JSON. */
function assertPlain(text: string, json: unknown): void {
  const strange = unprintable.exec(text)
  assert.is(strange, null, `U+${strange?.[0].codePointAt(0)?.toString(16)}`)
  assert.not.match(text, /undefined|\[object |NaN/)
  assert.type(JSON.stringify(json), 'string')
}

/** Characters that a terminal obeys, reorders or hides. */
const unprintable = /[^\P{C}\n]/u

/** Puts a strange word into a suitable place of a request. */
const strangely = (request: Request, word: string): Request => ({
  ...request,
  headers: { [word]: word, ...request.headers },
  from: { ...request.from, labels: { ...request.from.labels, [word]: word }, ip: word },
  ...(request.protocol === undefined && {
    path: `/${encodeURIComponent(word)}?${encodeURIComponent(word)}=`,
  }),
})

const strangeWords = ['constructor', '__proto__', 'banana', '::1', '10.0.0.1', '']

/** Lists the ports of a host; empty if the question is not possible. */
function listTargets(...asked: Parameters<typeof findTargets>) {
  try {
    return findTargets(...asked)
  } catch (error) {
    if (error instanceof Failure) return []
    throw error
  }
}

const getSide = (name: string, values: readonly unknown[]): Side => ({
  name,
  files: [{ path: 'mesh.yaml', objects: listObjects(values), isForCluster: true, isMade: false }],
  beside: [],
  spec: undefined,
  version: undefined,
})

totality.run()
