import fc from 'fast-check'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { specs } from '../arbitraries/mesh.ts'
import { holds } from '../holds.ts'
import { compileSpec } from '../support/specs.ts'

const determinism = suite('determinism')

determinism('the same spec gives the same files, and the same files again', () => {
  holds(
    fc.property(specs(), spec => {
      const compilation = compileSpec(spec)
      const files = [...compilation.files()]
      assert.equal([...compilation.files()], files)
      assert.equal([...compileSpec(spec).files()], files)
      assert.is(new Set(files.map(({ path }) => path)).size, files.length)
    }),
  )
})

determinism.run()
