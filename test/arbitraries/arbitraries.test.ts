import fc from 'fast-check'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { parse } from 'yaml'
import { MeshSpec } from '../../schema/spec/mesh.ts'
import { holds } from '../holds.ts'
import { everySpec } from '../support/drawn-specs.ts'
import { leafEdits } from './leaf-edits.ts'
import { getTexts, parts, type Spec, specs } from './mesh.ts'
import { mutations } from './mutations.ts'
import { nearYaml } from './near-yaml.ts'

const arbitraries = suite('arbitraries')

/** Asserts that every file of the spec, printed and read again, is a file of the language. */
function assertDecodes(spec: Spec): void {
  for (const [path, text] of Object.entries(getTexts(spec))) {
    const { error } = MeshSpec.safeParse(parse(text))
    assert.is(error, undefined, `${path}: ${error?.message}\n${text}`)
  }
}

arbitraries('draws the same from the same seed', () => {
  const draw = () => ({
    specs: fc.sample(specs(), { seed: 42, numRuns: 20 }).map(getTexts),
    nearYaml: fc.sample(nearYaml(), { seed: 42, numRuns: 20 }),
  })
  assert.equal(draw(), draw())
})

arbitraries('draws specs of the language only', () => {
  everySpec(assertDecodes, 300)
})

arbitraries('shrinks within the language', () => {
  const seen: Spec[] = []
  const enough = new Error('enough specs are seen')
  const counted = specs().map(spec => {
    if (seen.length === 100) throw enough
    seen.push(spec)
    return spec
  })
  assert.throws(
    () =>
      fc.check(
        fc.property(counted, spec => Object.keys(spec.documents).length < 2),
        { seed: 7 },
      ),
    (error: unknown) => error === enough,
  )
  for (const spec of seen) assertDecodes(spec)
})

arbitraries('writes each field of the language somewhere', () => {
  const seen = new Set<string>()
  const note = (value: unknown, path: string): void => {
    if (typeof value !== 'object' || value === null) return
    for (const [key, entry] of Object.entries(value)) {
      seen.add(`${path}.${key}`)
      note(entry, Array.isArray(value) ? path : named.has(path) ? `${path}.*` : `${path}.${key}`)
    }
  }
  for (const spec of fc.sample(fc.oneof(specs(), parts()), { seed: 1, numRuns: 800 }))
    for (const document of Object.values(spec.documents)) note(document, '')
  const missing = listFields(MeshSpec.shape, '').filter(field => !seen.has(field) && !namesFiles.has(field))
  assert.equal(missing, [])
})

/** Fields that name files which no spec holds: bin/undeclared-files, rules/parts, laws/part-of-mesh and laws/templates have
 * them. */
const namesFiles = new Set(['.delivery.documents', '.delivery.neighbors', '.surroundings'])

/** Maps whose keys the user chooses. */
const named = new Set([
  '.issuers',
  '.clusters',
  '.authorizers',
  '.rateLimiters',
  '.istio.revisions',
  '.gateways',
  '.gateways.*.certificates',
  '.gateways.*.tcp',
  '.services',
  '.external',
  '.namespaces',
  '.policies',
  '.services.*.ports',
  '.services.*.versions',
])

/** Lists the paths of the fields of a map and of the maps in it, without the fields of lists and unions. */
function listFields(shape: Readonly<Record<string, unknown>>, path: string): readonly string[] {
  return Object.entries(shape).flatMap(([name, schema]) => {
    const inner = innermost(schema)
    const field = `${path}.${name}`
    return [
      field,
      ...(inner === undefined ? [] : listFields(inner.shape, named.has(field) ? `${field}.*` : field)),
    ]
  })
}

interface Described {
  readonly def: { readonly innerType?: unknown; readonly valueType?: unknown; readonly element?: unknown }
  readonly shape?: Readonly<Record<string, unknown>>
}

function innermost(schema: unknown): { readonly shape: Readonly<Record<string, unknown>> } | undefined {
  // Every schema of zod has this form; only maps have a shape.
  const { def, shape } = schema as Described
  if (shape !== undefined) return { shape }
  const next = def.innerType ?? def.valueType ?? def.element
  return next === undefined ? undefined : innermost(next)
}

arbitraries('edits a leaf to another legal value', () => {
  const edits = specs().chain(spec => leafEdits(spec).map(edit => ({ spec, edit })))
  holds(
    fc.property(edits, ({ spec, edit }) => {
      assert.is.not(edit.before, edit.after)
      const changed = Object.keys(spec.documents).filter(
        file => JSON.stringify(spec.documents[file]) !== JSON.stringify(edit.spec.documents[file]),
      )
      assert.equal(changed, [edit.file])
      assert.is(MeshSpec.safeParse(edit.spec.documents[edit.file]).error, undefined)
    }),
  )
})

arbitraries('mutates specs into right and wrong ones', () => {
  const verdicts = fc
    .sample(
      specs().chain(spec => mutations(spec)),
      { seed: 3, numRuns: 300 },
    )
    .map(({ spec }) => Object.values(spec.documents).every(document => MeshSpec.safeParse(document).success))
  const right = verdicts.filter(verdict => verdict).length
  assert.ok(right > 60 && right < 270, `${right} of 300 are right`)
})

arbitraries.run()
