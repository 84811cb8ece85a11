import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { Compilation } from '../../compiler/compilation.ts'
import type { Spec } from '../arbitraries/mesh.ts'
import { everySpec } from '../support/drawn-specs.ts'
import { diagnose } from '../support/specs.ts'

const determinism = suite('determinism')

determinism('the same spec gives the same files, and the same files again', () => {
  everySpec(spec => {
    const compilation = compileAnew(spec)
    const files = [...compilation.files()]
    assert.equal([...compilation.files()], files)
    assert.equal([...compileAnew(spec).files()], files)
    assert.is(new Set(files.map(({ path }) => path)).size, files.length)
  })
})

function compileAnew(spec: Spec): Compilation {
  const result = diagnose(spec)
  if (!result.ok) throw new Error(result.diagnostics.map(({ message }) => message).join('\n'))
  return result.value
}

determinism.run()
