import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { catalogue } from '../../compiler/catalogue.ts'
import { makeRenderer } from '../../compiler/diagnostics/render.ts'
import { compileText } from '../support/compile-text.ts'
import { readPage } from '../support/diagnostic-page.ts'
import { goldenFolder } from '../support/golden.ts'

const test = suite('diagnostics/codes')
const golden = goldenFolder('diagnostics/codes')

for (const { code } of catalogue) {
  const { files, description } = readPage(code).wrong
  // A page that only describes its files shows no lines.
  if (description !== undefined) continue
  test(`the example of the page of ${code} has the expected message`, () => {
    const { diagnostics, sources } = compileText(files, 'spec/prod/mesh.yaml', '2027-01-01')
    assert.not.equal(diagnostics, [])
    const render = makeRenderer(sources, { color: false })
    const reported = diagnostics.map(diagnostic => {
      const fix = diagnostic.fix === undefined ? '' : `\n[fix: ${diagnostic.fix.title}]`
      return `${render(diagnostic)}${fix}\n`
    })
    golden.matches(`${code}.txt`, reported.join('\n'))
  })
}

test('every expected text belongs to a code', () => golden.hasNoOther())

test.run()
