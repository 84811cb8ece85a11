import fc from 'fast-check'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { Compilation } from '../../compiler/compilation.ts'
import { type Spec, specs } from '../arbitraries/mesh.ts'
import { holds } from '../holds.ts'
import { diagnose } from '../support/specs.ts'

const determinism = suite('determinism')

determinism('the same spec gives the same files, and the same files again', () => {
  holds(
    fc.property(specs(), spec => {
      const compilation = compileAnew(spec)
      const files = [...compilation.files()]
      assert.equal([...compilation.files()], files)
      assert.equal([...compileAnew(spec).files()], files)
      assert.is(new Set(files.map(({ path }) => path)).size, files.length)
    }),
  )
})

function compileAnew(spec: Spec): Compilation {
  const result = diagnose(spec)
  if (!result.ok) throw new Error(result.diagnostics.map(({ message }) => message).join('\n'))
  return result.value
}

determinism.run()
