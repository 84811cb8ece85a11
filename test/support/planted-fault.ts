import * as assert from 'uvu/assert'
import type { DiagnosticCode } from '../../compiler/diagnostics/diagnostic.ts'
import { compileText } from './compile-text.ts'

/**
 * Asserts that the compiler finds exactly one fault, at the right place. The marks `«` and `»` enclose the
 * fault in the spec, and `‹` and `›` enclose its other places. The marks are removed before the spec is
 * compiled.
 *
 * @param spec a whole spec but for its first two lines, `meshc: v1` and `mesh: shop`
 * @param beside the other files of the repository, by path
 */
export function plantedFault(
  code: DiagnosticCode,
  spec: string,
  message: string,
  beside: Readonly<Record<string, string>> = {},
): void {
  const { text, wrong, others } = unmarked(`meshc: v1\nmesh: shop\n${spec}`)
  const { diagnostics } = compileText({ ...beside, 'spec/prod/mesh.yaml': text })
  assert.equal(
    diagnostics.map(({ code, message }) => `${code} ${message}`),
    wrong.map(() => `${code} ${message}`),
  )
  const textAt = ({ start, end }: Stretch) => `${getLine(text, start)}: ${text.slice(start, end)}`
  assert.equal(
    diagnostics.map(({ at }) => textAt(at)),
    wrong.map(textAt),
    'what is wrong',
  )
  const related = diagnostics.flatMap(({ related }) => related.map(({ at }) => at))
  assert.equal(sorted(related).map(textAt), sorted(others).map(textAt), 'the other parties')
}

/** Asserts that a spec compiles without a finding. */
export function soundSpec(spec: string, beside: Readonly<Record<string, string>> = {}): void {
  const text = `meshc: v1\nmesh: shop\n${spec}`
  const { ok, diagnostics } = compileText({ ...beside, 'spec/prod/mesh.yaml': text })
  assert.equal(
    diagnostics.map(({ code, message }) => `${code} ${message}`),
    [],
  )
  assert.ok(ok)
}

interface Stretch {
  readonly start: number
  readonly end: number
}

/** Returns a text without its marks, and the stretches between the marks. */
function unmarked(marked: string) {
  const wrong: Stretch[] = []
  const otherStretches: Stretch[] = []
  const open: number[] = []
  let text = ''
  for (const char of marked) {
    if (char === '«' || char === '‹') open.push(text.length)
    else if (char === '»' || char === '›') {
      const start = open.pop()
      if (start === undefined) throw new Error('a mark is closed that is not open')
      const stretches = char === '»' ? wrong : otherStretches
      stretches.push({ start, end: text.length })
    } else text += char
  }
  if (open.length > 0 || wrong.length === 0) throw new Error('a planted fault marks what is wrong')
  return { text, wrong, others: otherStretches }
}

/** Sorts stretches by their order in the text. A stretch of two findings is listed once. */
const sorted = (stretches: readonly Stretch[]) =>
  stretches
    .toSorted((a, b) => a.start - b.start || a.end - b.end)
    .filter(({ start, end }, index, all) => start !== all[index - 1]?.start || end !== all[index - 1]?.end)

const getLine = (text: string, offset: number) => text.slice(0, offset).split('\n').length
