import { compile } from '../../compiler/compile.ts'
import { renderer } from '../../compiler/diagnostics/render.ts'
import { type Mistake, mistakes } from './mistakes.ts'

/** docs/mistakes.md: each typical mistake, what meshc says of it, and what to write instead. */
export function mistakesPage(banner: string): string {
  return [
    `<!-- ${banner} -->`,
    '',
    '# Typical mistakes',
    '',
    'What people get wrong in a mesh, from the issues of Istio and its best practices, as it looks in a spec. Each ends in one message that',
    'names the mistake. The messages here are made by compiling the specs above them; the lines below are what to write instead.',
    '',
    ...mistakes.flatMap(({ subject, mistakes }) => [`## ${subject}`, '', ...mistakes.flatMap(section)]),
  ].join('\n')
}

/** The spec with what is to be written instead. */
export function mended({ spec, instead }: Pick<Mistake, 'spec' | 'instead'>): string {
  return instead.reduce((text, [wrong, right]) => {
    if (!text.includes(wrong)) throw new Error(`the spec does not hold ${JSON.stringify(wrong)}`)
    return text.replace(wrong, () => right)
  }, spec)
}

const entry = 'spec/prod/mesh.yaml'

function section(mistake: Mistake): readonly string[] {
  const { title, why, spec } = mistake
  return [
    `### ${title}`,
    '',
    why,
    '',
    ...fenced('yaml', spec),
    ...fenced('text', messageOf(spec)),
    ...fenced('diff', difference(spec.split('\n'), mended(mistake).split('\n')).join('\n')),
  ]
}

function messageOf(spec: string): string {
  const { diagnostics, sources } = compile(entry, {
    read: path => (path === entry ? { text: spec } : { reason: 'there is no such file' }),
    list: () => [],
  })
  const render = renderer(sources, { color: false })
  return diagnostics.map(render).join('\n\n')
}

const fenced = (language: string, text: string) => [`\`\`\`${language}`, text.trimEnd(), '```', '']

/** The lines that go and that come, as few as can be, in their order. */
function difference(before: readonly string[], after: readonly string[]): readonly string[] {
  // How many lines the rests of the two have in common, from each pair of lines on.
  const common = Array.from({ length: before.length + 1 }, () => new Array<number>(after.length + 1).fill(0))
  for (let i = before.length - 1; i >= 0; i--) {
    for (let j = after.length - 1; j >= 0; j--) {
      common[i]![j] =
        before[i] === after[j] ? common[i + 1]![j + 1]! + 1 : Math.max(common[i + 1]![j]!, common[i]![j + 1]!)
    }
  }
  const lines: string[] = []
  for (let i = 0, j = 0; i < before.length || j < after.length; ) {
    if (i < before.length && j < after.length && before[i] === after[j]) {
      i++
      j++
    } else if (i < before.length && (j === after.length || common[i + 1]![j]! >= common[i]![j + 1]!)) {
      lines.push(`-${before[i++]}`)
    } else lines.push(`+${after[j++]}`)
  }
  return lines
}
