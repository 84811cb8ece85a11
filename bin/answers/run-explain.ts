import { readFileSync } from 'node:fs'
import { catalogue } from '../../compiler/catalogue.ts'
import { findNearestName } from '../../compiler/diagnostics/suggest.ts'
import { decisions } from '../../compiler/mesh/decisions.ts'
import { parseSpecPath } from '../../compiler/provenance/paths.ts'
import type { Context, ExitCode } from '../cli/command.ts'
import { Failure } from '../cli/failure.ts'
import { type Paint, paintFor, renderMarkdown } from '../cli/plain-markdown.ts'
import { attempt } from '../files/system-error.ts'
import { locatePackageFile } from '../package.ts'
import { type ExplainedField, explainField } from '../project/explained-field.ts'
import { readPackageSchema } from '../schema/schema-file.ts'

/** Lists the topics that can be explained: codes of diagnostics, `defaults`, and the names of defaults. */
export function listTopics(): readonly string[] {
  return [...catalogue.map(({ code }) => code), 'defaults', ...Object.keys(decisions)]
}

/** Shows the page of a diagnostic, or a decision of meshc about an omitted value. */
export function runExplain({ argument, options, terminal }: Context): ExitCode {
  const topic = argument === undefined ? undefined : getTopic(argument)
  if (options.has('json')) terminal.printJson(topicJson(topic))
  else terminal.print(getPage(topic, paintFor(terminal.color)))
  return 0
}

const pages = locatePackageFile('docs/diagnostics')

const readPage = (code: string) =>
  attempt(`the page of ${code} cannot be read`, () => readFileSync(`${pages}/${code}.md`, 'utf8'))

/** A topic of `explain`. */
type Topic =
  | { readonly kind: 'diagnostic'; readonly definition: Definition }
  | { readonly kind: 'decisions' }
  | { readonly kind: 'field'; readonly field: ExplainedField }
  | { readonly kind: 'decision'; readonly name: keyof typeof decisions }

type Definition = (typeof catalogue)[number]

/**
 * Finds the topic that a word means: a code however it is written, `defaults`, the name of a default or policy, or a
 * path of a spec.
 */
function getTopic(word: string): Topic {
  if (word === 'defaults') return { kind: 'decisions' }
  // `hasOwn` proves that it is a key.
  if (Object.hasOwn(decisions, word)) return { kind: 'decision', name: word as keyof typeof decisions }
  const definition = catalogue.find(({ code }) => code === word.toUpperCase() || code === `MESH${word}`)
  if (definition !== undefined) return { kind: 'diagnostic', definition }
  const path = parseSpecPath(word)
  const field = path && explainField(path, JSON.parse(readPackageSchema()))
  if (field !== undefined) return { kind: 'field', field }
  const topics = [...catalogue.map(({ code }) => code), 'defaults', ...Object.keys(decisions)]
  const near = findNearestName(/^mesh/i.test(word) ? word.toUpperCase() : word, topics)
  const help = near === undefined ? '`meshc explain` lists them' : `did you mean \`${near}\`?`
  throw new Failure(`there is nothing to explain under \`${word}\``, help)
}

function getPage(topic: Topic | undefined, paint: Paint): string {
  if (topic === undefined) return contents(paint)
  if (topic.kind === 'diagnostic') return renderMarkdown(readPage(topic.definition.code), paint)
  if (topic.kind === 'decisions') return decisionList(paint)
  if (topic.kind === 'field') return fieldPage(topic.field, paint)
  const { summary, set }: Decided = decisions[topic.name]
  const how =
    set === undefined ? 'It is a policy: only a patch can change it.' : `\`${set}\` sets something else.`
  return `${topic.name}\n\n${summary}\n\n${how}`
}

/** The same for programs: everything, the defaults and policies, or one thing with all there is to say of it. */
function topicJson(topic: Topic | undefined): unknown {
  const diagnosticJson = ({ code, severity, summary, covers = [] }: Definition) => {
    return { code, severity, summary, group: getCodeGroup(code), covers }
  }
  const decisionJson = ([name, { summary, set }]: readonly [string, Decided]) => {
    return { name, summary, ...(set !== undefined && { set }) }
  }
  const all = () => Object.entries(decisions).map(decisionJson)
  if (topic === undefined) return { diagnostics: catalogue.map(diagnosticJson), decisions: all() }
  if (topic.kind === 'decisions') return { decisions: all() }
  if (topic.kind === 'field') {
    const { words, fields } = topic.field
    return { ...topic.field, words: Object.fromEntries(words), fields: Object.fromEntries(fields) }
  }
  if (topic.kind === 'decision') return decisionJson([topic.name, decisions[topic.name]])
  return { ...diagnosticJson(topic.definition), page: readPage(topic.definition.code) }
}

function fieldPage({ path, summary, type, defaults, words, fields }: ExplainedField, paint: Paint): string {
  return [
    paint.heading(path),
    '',
    renderMarkdown(`${summary}.`, paint),
    '',
    renderMarkdown(`It is ${type}.`, paint),
    ...defaults.map(text => renderMarkdown(`Default: ${text}.`, paint)),
    ...renderEntries('Words:', words, paint),
    ...renderEntries('Fields in it:', fields, paint),
  ].join('\n')
}

function renderEntries(title: string, entries: ReadonlyMap<string, string>, paint: Paint): readonly string[] {
  if (entries.size === 0) return []
  const width = Math.max(...[...entries.keys()].map(name => name.length)) + 2
  const lines = [...entries].map(
    ([name, says]) => `  ${paint.code(name.padEnd(width))}${renderMarkdown(says, paint)}`,
  )
  return ['', title, '', ...lines]
}

interface Decided {
  readonly summary: string
  readonly set?: string
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
    paint.heading('Defaults: the value of an unset field, and the field that overrides it'),
    '',
    ...rows('default:'),
    '',
    paint.heading('Policies: fixed decisions of meshc, which only a patch overrides'),
    '',
    ...rows('policy:'),
  ].join('\n')
}

/** Lists every code with its law, by topic. */
function contents(paint: Paint): string {
  const names = [...new Set(catalogue.map(({ code }) => getCodeGroup(code)))]
  return [
    ...names.flatMap(name => [
      paint.heading(name),
      '',
      ...catalogue
        .filter(({ code }) => getCodeGroup(code) === name)
        .map(
          ({ code, severity, summary }) =>
            `  ${code}  ${renderMarkdown(summary, paint)}${severity === 'warning' ? ' (warning)' : ''}`,
        ),
      '',
    ]),
    'Also: `meshc explain defaults`, the name of any default or policy it lists, and any field by its path, such as `services.x.timeout`.',
  ].join('\n')
}

/** The groups of codes, by the beginning of the code. */
const groups: readonly (readonly [beginning: string, group: string])[] = [
  ['MESH1', 'Spec files'],
  ['MESH2', 'Names and references'],
  ['MESH30', 'Services and their pods'],
  ['MESH31', 'Routes'],
  ['MESH32', 'Load balancing'],
  ['MESH33', 'Gateways'],
  ['MESH34', 'Allowed callers'],
  ['MESH35', 'External systems'],
  ['MESH36', 'The control plane'],
  ['MESH37', 'Raw objects'],
  ['MESH38', 'Expectations'],
  ['MESH39', 'Delivery'],
  ['MESH4', 'Patches and manifests'],
  ['MESH5', 'Suppressions'],
]

function getCodeGroup(code: string): string {
  const group = groups.find(([beginning]) => code.startsWith(beginning))
  if (group === undefined) throw new Error(`${code} is in no group`)
  return group[1]
}
