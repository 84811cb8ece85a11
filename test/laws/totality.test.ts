import fc from 'fast-check'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { compile } from '../../compiler/compile.ts'
import { specs, textsOf } from '../arbitraries/mesh.ts'
import { mutations } from '../arbitraries/mutations.ts'
import { nearYaml } from '../arbitraries/near-yaml.ts'
import { holds } from '../holds.ts'
import { workspaceOf } from '../support/compile-text.ts'

const totality = suite('totality')

/** Compiling ends with files, or with a reason why not, and every reason points into a text. */
function assertAnswer(entry: string, texts: Readonly<Record<string, string>>): void {
  const { diagnostics, sources, ...result } = compile(entry, workspaceOf(texts))
  if (result.ok) {
    let files = 0
    for (const { path, text } of result.value.files()) {
      files++
      assert.ok(path !== '' && text.endsWith('\n'), path)
    }
    assert.ok(files >= 5, `${files} files`)
    assert.not.ok(diagnostics.some(({ severity }) => severity === 'error'))
  } else assert.ok(diagnostics.some(({ severity }) => severity === 'error'))
  for (const { code, message, at, related } of diagnostics) {
    assert.match(code, /^MESH[1-9][0-9]{3}$/)
    assert.ok(message !== '' && !message.includes('undefined') && !message.includes('[object'), message)
    for (const place of [at, ...related.map(({ at }) => at)]) {
      const text = sources.find(({ name }) => name === place.file)?.text ?? texts[place.file] ?? ''
      assert.ok(
        place.start >= 0 && place.start <= place.end && place.end <= text.length,
        JSON.stringify(place),
      )
    }
  }
}

totality('near-YAML compiles or is refused with a reason; nothing is thrown', () => {
  holds(
    fc.property(nearYaml(), ({ entry, texts }) => assertAnswer(entry, texts)),
    { numRuns: 1000 },
  )
})

totality('mutated specs compile or are refused with a reason', () => {
  holds(
    fc.property(
      specs().chain(spec => mutations(spec)),
      ({ spec }) => assertAnswer(spec.entry, textsOf(spec)),
    ),
    { numRuns: 300 },
  )
})

totality('texts of any sort are refused with a reason', () => {
  const texts = fc.oneof(fc.string({ unit: 'binary' }), fc.string({ unit: 'grapheme' }), fc.json())
  holds(
    fc.property(texts, text => assertAnswer('spec/prod/mesh.yaml', { 'spec/prod/mesh.yaml': text })),
    { numRuns: 500 },
  )
})

totality.run()
