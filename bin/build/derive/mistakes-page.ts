import { compile } from '../../../compiler/compile.ts'
import { makeRenderer } from '../../../compiler/diagnostics/render.ts'
import { findTextChanges } from '../../output/text-changes.ts'
import { type Mistake, mistakes } from './mistakes.ts'

/** docs/mistakes.md: each typical mistake, its diagnostic, and the correct spec. */
export function printMistakesPage(banner: string): string {
  return [
    `<!-- ${banner} -->`,
    '',
    '# Typical mistakes',
    '',
    'What people get wrong in a mesh, from the issues of Istio and its best practices, as it looks in a spec. Each ends in one message that',
    'names the mistake. The messages here are made by compiling the specs above them; the lines below are what to write instead.',
    '',
    ...mistakes.flatMap(({ subject, mistakes }) => [`## ${subject}`, '', ...mistakes.flatMap(makeSection)]),
  ].join('\n')
}

/** The spec with the correct text. */
export function applyInstead({ spec, instead }: Pick<Mistake, 'spec' | 'instead'>): string {
  return instead.reduce((text, [wrong, right]) => {
    if (!text.includes(wrong)) throw new Error(`the spec does not hold ${JSON.stringify(wrong)}`)
    return text.replace(wrong, () => right)
  }, spec)
}

const entry = 'spec/prod/mesh.yaml'

function makeSection(mistake: Mistake): readonly string[] {
  const { title, why, spec } = mistake
  return [
    `### ${title}`,
    '',
    why,
    '',
    ...printFence('yaml', spec),
    ...printFence('text', compileMessage(spec)),
    ...printFence('diff', difference(spec, applyInstead(mistake))),
  ]
}

function compileMessage(spec: string): string {
  const { diagnostics, sources } = compile(entry, {
    read: path => (path === entry ? { text: spec } : { reason: 'there is no such file' }),
    list: () => [],
    listBelow: () => [],
  })
  const render = makeRenderer(sources, { color: false })
  return diagnostics.map(render).join('\n\n')
}

const printFence = (language: string, text: string) => [`\`\`\`${language}`, text.trimEnd(), '```', '']

/** The lines that go and that come, in their order. */
const difference = (before: string, after: string): string =>
  findTextChanges(before, after)
    .flatMap(({ before, after }) => [
      ...before.lines.map(line => `-${line}`),
      ...after.lines.map(line => `+${line}`),
    ])
    .join('\n')
