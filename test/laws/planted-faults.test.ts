import fc from 'fast-check'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { compile } from '../../compiler/compile.ts'
import type { SpecPath } from '../../compiler/diagnostics/diagnostic.ts'
import { type Leaf, nodesOf, replaced } from '../arbitraries/leaves.ts'
import { type Spec, specs, textsOf } from '../arbitraries/mesh.ts'
import { holds } from '../holds.ts'
import { workspaceOf } from '../support/compile-text.ts'

const planted = suite('planted faults')

/** A fault that can be planted in any spec that has a leaf for it, and what must be said of it. */
interface PlantedFault {
  readonly name: string
  readonly code: string
  /** Whether the fault can be planted at this leaf. */
  fits(leaf: Leaf): boolean
  /** The value that is wrong there. */
  wrong(value: unknown): unknown
  /** Whether the key is pointed at, instead of the value. */
  readonly atKey?: true
}

/** Whether a path ends so: `*` stands for any key, and `#` for any index. */
const endsIn =
  (...pattern: readonly string[]) =>
  ({ path }: Leaf): boolean =>
    path.length >= pattern.length &&
    path
      .slice(-pattern.length)
      .every((step, index) =>
        pattern[index] === '#' ? typeof step === 'number' : ['*', step].includes(pattern[index]!),
      )

const startsIn = (section: string, { path }: Leaf) => path[0] === section
const isServiceName = (value: unknown) =>
  typeof value === 'string' && !value.includes('/') && value !== 'anyone'

const faults: readonly PlantedFault[] = [
  {
    name: 'a caller that is misspelt',
    code: 'MESH2007',
    fits: leaf =>
      startsIn('services', leaf) && endsIn('allow', '#', 'from')(leaf) && isServiceName(leaf.value),
    wrong: value => `${value}x`,
  },
  {
    name: 'a caller of an external system that is misspelt',
    code: 'MESH2007',
    fits: leaf =>
      startsIn('external', leaf) && endsIn('allow', '#', 'from')(leaf) && isServiceName(leaf.value),
    wrong: value => `${value}x`,
  },
  {
    name: 'a gateway that is not there',
    code: 'MESH2018',
    fits: endsIn('expose', '#', 'gateway'),
    wrong: () => 'nowhere',
  },
  {
    name: 'a host that the gateway does not have',
    code: 'MESH2019',
    fits: endsIn('expose', '#', 'host'),
    wrong: value => `other.${value}`,
  },
  {
    name: 'a port that the service does not have',
    code: 'MESH2012',
    fits: endsIn('allow', '#', 'ports', '#'),
    wrong: () => 'nothing',
  },
  {
    name: 'a version that is not declared',
    code: 'MESH2014',
    fits: endsIn('services', '*', 'active'),
    wrong: () => 'v99',
  },
  {
    name: 'an expectation of a service that is not there',
    code: 'MESH2020',
    fits: leaf => startsIn('expect', leaf) && endsIn('to')(leaf) && !String(leaf.value).includes('/'),
    wrong: value => `${value}-gone`,
  },
  {
    name: 'a duration without a unit',
    code: 'MESH1016',
    fits: leaf => endsIn('services', '*', 'timeout')(leaf) && leaf.value !== 'none' && leaf.value !== null,
    wrong: () => 30,
  },
  {
    name: 'a word that is none of the choice',
    code: 'MESH1014',
    fits: endsIn('loadBalancing', 'policy'),
    wrong: () => 'fastest',
  },
  {
    name: 'a number that is none',
    code: 'MESH1012',
    fits: endsIn('circuitBreaker', 'consecutiveErrors'),
    wrong: value => `${value}`,
  },
  {
    name: 'a path that does not begin with a slash',
    code: 'MESH1013',
    fits: leaf => endsIn('allow', '#', 'paths', '#')(leaf),
    wrong: () => 'api',
  },
]

for (const fault of faults) {
  planted(`${fault.name} is found alone and in its place (${fault.code})`, () => {
    let count = 0
    holds(
      fc.property(specs(), fc.nat({ max: 1000 }), (spec, choice) => {
        const places = nodesOf(spec).leaves.filter(leaf => fault.fits(leaf))
        const place = places[choice % Math.max(places.length, 1)]
        if (place === undefined) return
        count++
        assertFound(fault, place, replaced(spec, place.file, place.path, fault.wrong(place.value)))
      }),
      { numRuns: 200 },
    )
    assert.ok(count >= 20, `planted ${count} times`)
  })
}

function assertFound({ code, wrong }: PlantedFault, { file, path, value }: Leaf, spec: Spec): void {
  const texts = textsOf(spec)
  const { ok, diagnostics } = compile(spec.entry, workspaceOf(texts))
  assert.not.ok(ok)
  const errors = diagnostics.filter(({ severity }) => severity === 'error')
  assert.equal(
    errors.map(error => error.code),
    [code],
    errors.map(({ message }) => message).join('\n'),
  )
  const [error] = errors
  assert.is(error?.at.file, file)
  const pointedAt = texts[file]?.slice(error?.at.start, error?.at.end).replace(/^["']|["']$/g, '')
  assert.is(pointedAt, String(wrong(value)), path.join('.'))
  assert.ok(isPlaceOf(texts[file] ?? '', error?.at.start ?? 0, path), `${path.join('.')} is elsewhere`)
}

/** Whether the innermost key above an offset is that of a path: a value alone may stand in many places. */
function isPlaceOf(text: string, offset: number, path: SpecPath): boolean {
  const key = path.findLast(step => typeof step === 'string')
  const before = text.slice(0, offset)
  const line = before.slice(before.lastIndexOf('\n') + 1)
  if (line.trim() !== '-') return line.includes(`${key}:`)
  const keys = before.split('\n').filter(one => /:\s*$/.test(one))
  return keys.at(-1)?.trim().replace(/^- /, '') === `${key}:`
}

planted.run()
