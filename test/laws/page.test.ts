import fc from 'fast-check'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { traceRequests } from '../../bin/behavior/answer-trace.ts'
import { makeCompiledMesh } from '../../bin/behavior/compiled-mesh.ts'
import type { MeshAtHand } from '../../bin/behavior/mesh.ts'
import type { RequestWords } from '../../bin/behavior/request-typed.ts'
import { Failure } from '../../bin/cli/failure.ts'
import { makePageEngine } from '../../bin/map/page-engine.ts'
import { limitQuestions, usualLimits } from '../../compiler/behavior/budget.ts'
import { getQualifiedName } from '../../compiler/behavior/qualified-name.ts'
import type { FormAnswer, FormRequest } from '../../compiler/map/answers.ts'
import { makePageMesh } from '../../compiler/map/make-page-mesh.ts'
import {
  makePackTables,
  packObject,
  packReasonTable,
  unpackObject,
  unpackReasons,
} from '../../compiler/map/pack-object.ts'
import type { PageMesh, PageObject } from '../../compiler/map/page-data.ts'
import { chooseReason } from '../../compiler/provenance/place-reasons.ts'
import { getTexts, specs } from '../arbitraries/mesh.ts'
import { holds } from '../holds.ts'
import { compileText } from '../support/compile-text.ts'

const laws = suite('laws: page of a map')

/** A drawn spec as a command loads it. */
const drawn = specs().map(spec => {
  const texts = getTexts(spec)
  const result = compileText(texts)
  if (!result.ok) throw new Error('a drawn spec compiles')
  const environment = { name: 'prod', entry: 'spec/prod/mesh.yaml', output: 'out/prod' }
  return makeCompiledMesh({ environment, compilation: result.value, sources: result.sources })
})

laws('each part of an object keeps its line and its reason through a page', () => {
  let parts = 0
  holds(
    fc.property(drawn, mesh => {
      const tables = makePackTables()
      const packed = mesh.objects.map(object => packObject(object, mesh.listReasons(object), tables))
      const reasons = packReasonTable(tables)
      const copy = JSON.parse(
        JSON.stringify({ packed, reasons, files: tables.files.values, lists: tables.reasonLists.values }),
      )
      for (const [index, object] of mesh.objects.entries()) {
        const page: PageObject = copy.packed[index]
        const restored = unpackObject(page, copy.files)
        const known = mesh.listReasons(object)
        const unpacked = unpackReasons(page, copy.files, copy.reasons, copy.lists)
        assert.is(restored.line, object.line)
        for (const path of listPaths(object.value)) {
          parts++
          assert.is(restored.lineOf(path), object.lineOf(path), path.join('.'))
          if (known !== undefined && unpacked !== undefined)
            assert.equal(chooseReason(unpacked, path), chooseReason(known, path), path.join('.'))
        }
      }
    }),
    { endOnFailure: true },
  )
  assert.ok(parts > 10_000, `${parts} parts`)
})

laws('the form of a page answers as `meshc trace --json`', () => {
  let answers = 0
  const asked = drawn.chain(mesh =>
    fc.record({
      mesh: fc.constant(mesh),
      forms: fc.array(makeForms(mesh), { minLength: 8, maxLength: 8 }),
    }),
  )
  holds(
    fc.property(asked, ({ mesh, forms }) => {
      const page = makePageMesh({ ...mesh, commandOptions: '--env prod' }, usualLimits, () => {})
      const engine = makePageEngine(JSON.parse(JSON.stringify(page)) as PageMesh)
      for (const form of forms) {
        const expected = traceAsCommand(form, mesh)
        const answer = engine.answerForm(form)
        if (answer.kind === 'result') answers++
        assert.equal(answer.kind === 'result' ? JSON.parse(JSON.stringify(answer.json)) : answer, expected)
      }
    }),
    { endOnFailure: true },
  )
  assert.ok(answers > 150, `${answers} answers`)
})

laws.run()

function makeForms({ model }: MeshAtHand): fc.Arbitrary<FormRequest> {
  const callers = model.workloads.filter(({ proxy }) => proxy !== 'gateway').map(getQualifiedName)
  const hosts = model.services.map(({ host }) => host)
  return fc.record({
    from: fc.constantFrom('', 'anyone', 'nobody', ...callers, ...callers),
    to: fc.constantFrom('nowhere.example', ...hosts),
    method: fc.constantFrom('', 'GET', 'POST'),
    path: fc.constantFrom('', '/', '/api/orders'),
    headers: fc.constantFrom([], [], ['x-canary: 1'], ['x-canary: 1'], ['no header']),
    claims: fc.constantFrom('', '', '', '{"iss": "https://login.example.com", "sub": "ann"}', '{'),
    plaintext: fc.boolean(),
  })
}

/** Returns the document that the command prints for the words of a form, or the error of the command. */
function traceAsCommand(form: FormRequest, mesh: MeshAtHand): unknown {
  const { from, to, method, path, headers, claims, plaintext } = form
  const line = [method, path].filter(word => word !== '').join(' ')
  const token: RequestWords['token'] = claims.startsWith('{"')
    ? { iss: 'https://login.example.com', sub: 'ann' }
    : undefined
  if (claims === '{') {
    const help = 'write the claims as JSON: `{"iss": "https://login.example.com", "sub": "ann"}`'
    const message = '`claims` is no JSON, or beyond the bounds of what meshc reads'
    return { kind: 'failure', message, help } satisfies FormAnswer
  }
  try {
    const words: RequestWords = {
      line: line === '' ? undefined : line,
      to,
      from: from === '' ? undefined : from,
      through: undefined,
      extAuthz: undefined,
      ip: undefined,
      certificate: undefined,
      headers,
      isPlaintext: plaintext,
      token,
    }
    return JSON.parse(JSON.stringify(traceRequests(words, mesh, limitQuestions(usualLimits)).json))
  } catch (failure) {
    if (!(failure instanceof Failure)) throw failure
    const { message, help } = failure
    return { kind: 'failure', message, ...(help !== undefined && { help }) }
  }
}

function* listPaths(value: unknown, path: readonly (string | number)[] = []): Generator<typeof path> {
  yield path
  if (typeof value === 'object' && value !== null)
    for (const [key, part] of Object.entries(value))
      yield* listPaths(part, [...path, Array.isArray(value) ? Number(key) : key])
}
