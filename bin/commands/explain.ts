import { readFileSync } from 'node:fs'
import { catalogue } from '../../compiler/catalogue.ts'
import { nearest } from '../../compiler/diagnostics/suggest.ts'
import { decisions } from '../../compiler/mesh/decisions.ts'
import type { Command } from '../command.ts'
import { attempt, Failure } from '../failure.ts'
import { packageFile } from '../package.ts'
import { type Paint, paintFor, plainMarkdown } from '../plain-markdown.ts'

/** Shows the page of a diagnostic, and what meshc decides where a spec says nothing. */
export const explain: Command = {
  name: 'explain',
  argument: '[topic]',
  summary: 'Explain a diagnostic by its code, or `defaults`, or one default by its name',
  options: [],
  example: 'meshc explain MESH1011',
  run({ argument, console }) {
    const paint = paintFor(console.color)
    console.print(argument === undefined ? contents(paint) : pageOf(argument, paint))
    return 0
  },
}

const pages = packageFile('docs/diagnostics')

const readPage = (code: string) =>
  attempt(`the page of ${code} cannot be read`, () => readFileSync(`${pages}/${code}.md`, 'utf8'))

function pageOf(topic: string, paint: Paint): string {
  if (topic === 'defaults') return decisionList(paint)
  const decision = decisionNamed(topic)
  if (decision !== undefined) return decision
  const known = catalogue.map(({ code }) => code)
  const code = known.find(code => code === topic.toUpperCase() || code === `MESH${topic}`)
  if (code !== undefined) return plainMarkdown(readPage(code), paint)
  const topics = [...known, 'defaults', ...Object.keys(decisions)]
  const near = nearest(/^mesh/i.test(topic) ? topic.toUpperCase() : topic, topics)
  const help = near === undefined ? '`meshc explain` lists them' : `did you mean \`${near}\`?`
  throw new Failure(`there is nothing to explain under \`${topic}\``, help)
}

function decisionNamed(name: string): string | undefined {
  if (!Object.hasOwn(decisions, name)) return undefined
  // `hasOwn` says that it is a key.
  const { summary, set } = decisions[name as keyof typeof decisions]
  const how =
    set === undefined ? 'It is a policy: only a patch can change it.' : `\`${set}\` sets something else.`
  return `${name}\n\n${summary}\n\n${how}`
}

/** The defaults, each with the field that overrides it, and the policies. */
function decisionList(paint: Paint): string {
  const entries = Object.entries(decisions)
  const width = Math.max(...entries.map(([name]) => name.length)) + 2
  const rows = (kind: string) =>
    entries
      .filter(([name]) => name.startsWith(kind))
      .flatMap(([name, { summary, set }]) => [
        `  ${name.padEnd(width)}${summary}`,
        ...(set === undefined ? [] : [`  ${' '.repeat(width)}${paint.code(set)}`]),
      ])
  return [
    paint.heading('Defaults: what holds where the spec says nothing, and the field that says otherwise'),
    '',
    ...rows('default:'),
    '',
    paint.heading('Policies: what meshc decides; a patch can change it'),
    '',
    ...rows('policy:'),
  ].join('\n')
}

/** Every code with what must hold. */
function contents(paint: Paint): string {
  return [
    paint.heading('Diagnostics'),
    '',
    ...catalogue.map(({ code, summary }) => `  ${code}  ${plainMarkdown(summary, paint)}`),
    '',
    'Also: `meshc explain defaults`, and the name of any default or policy it lists.',
  ].join('\n')
}
