import { Liquid, ParseError, type Template, TokenizationError, Tokenizer, TypeGuards } from 'liquidjs'
import type { Diagnostic } from '../diagnostics/diagnostic.ts'
import type { Source, Span } from '../diagnostics/source.ts'
import { listQuoted, suggestNearest } from '../diagnostics/suggest.ts'
import { templateFails, templateSyntax, unknownTemplateWord } from './diagnostics.ts'
import { filterTypes, showCode, showMarkdown } from './filters.ts'
import { deepestTags, longestTemplate } from './limits.ts'

/** The tags of templates, each with the tags that may be between it and its end; undefined for one without an end. */
const tags: Readonly<Record<string, readonly string[] | undefined>> = {
  assign: undefined,
  break: undefined,
  case: ['when', 'else'],
  comment: [],
  continue: undefined,
  for: ['else'],
  if: ['elsif', 'else'],
  raw: [],
  unless: ['elsif', 'else'],
  '#': undefined,
}

/** A parsed template, or the fault of its text. */
type ParsedTemplate = { readonly templates: readonly Template[] } | { readonly fault: Diagnostic }

/** Makes the engine of templates: only the tags and filters that are listed here, and no file of any kind. */
export function makeEngine(): Liquid {
  const nowhere = () => {
    throw new Error('a template reads no file')
  }
  const engine = new Liquid({
    fs: {
      exists: async () => false,
      existsSync: () => false,
      readFile: async () => nowhere(),
      readFileSync: nowhere,
      resolve: nowhere,
    },
    relativeReference: false,
    ownPropertyOnly: true,
    parseLimit: longestTemplate,
    outputEscape: showMarkdown,
  })
  for (const name of Object.keys(engine.tags)) if (!Object.hasOwn(tags, name)) delete engine.tags[name]
  for (const name of Object.keys(engine.filters))
    if (!Object.hasOwn(filterTypes, name)) engine.unregisterFilter(name)
  engine.registerFilter('code', { raw: true, handler: showCode })
  return engine
}

/** Parses a template. The filters are looked at with the types. */
export function parseTemplate(engine: Liquid, { name: file, text }: Source): ParsedTemplate {
  if (text.length > longestTemplate) {
    const problem = `the template is longer than ${longestTemplate / 1024} KiB`
    const help = 'split it into several documents'
    return { fault: templateFails({ location: { file, start: 0, end: 0 } }, { problem, help }) }
  }
  try {
    return findWrongTag() ?? { templates: engine.parse(text) }
  } catch (error) {
    if (!(error instanceof TokenizationError) && !(error instanceof ParseError)) throw error
    return reportSyntax(
      error.token,
      explainEngineMessage(error.originalError?.message ?? cutPlace(error.message)),
    )
  }

  function reportSyntax({ begin, end }: { begin: number; end: number }, problem: string, help?: string) {
    return { fault: templateSyntax({ location: { file, ...cutLine(text, begin, end) } }, { problem, help }) }
  }

  /** Finds an unknown or misplaced tag: the engine would report another one. */
  function findWrongTag(): { readonly fault: Diagnostic } | undefined {
    const open: { readonly name: string; readonly begin: number; readonly end: number }[] = []
    for (const token of new Tokenizer(text).readTopLevelTokens(engine.options)) {
      if (!TypeGuards.isTagToken(token) && !TypeGuards.isOutputToken(token)) continue
      const place = { begin: token.begin, end: token.end }
      if (measureDepth(token.getText()) > deepestTags)
        return reportSyntax(place, `brackets are nested deeper than ${deepestTags}`)
      if (!TypeGuards.isTagToken(token)) continue
      const { name } = token
      const outer = open.at(-1)
      if (outer?.name === 'comment' && name !== 'endcomment') continue
      if (Object.hasOwn(tags, name)) {
        if (tags[name] !== undefined) open.push({ name, ...place })
        if (open.length > deepestTags)
          return reportSyntax(place, `tags are nested deeper than ${deepestTags}`)
        const isLoose = (name === 'break' || name === 'continue') && !open.some(({ name }) => name === 'for')
        if (isLoose) return reportSyntax(place, `\`${name}\` stands in no loop`)
      } else if (name === `end${outer?.name}`) open.pop()
      else if (outer === undefined || tags[outer.name]?.includes(name) !== true)
        return reportWord(name, place, outer?.name)
    }
    const last = open.at(-1)
    return (
      last && reportSyntax(last, `\`${last.name}\` has no end`, `close it with \`{% end${last.name} %}\``)
    )
  }

  function reportWord(
    name: string,
    { begin, end }: { begin: number; end: number },
    outer: string | undefined,
  ) {
    const inner = Object.entries(tags).flatMap(([tag, parts]) =>
      parts === undefined ? [] : [...parts, `end${tag}`],
    )
    if (inner.includes(name)) {
      const place = outer === undefined ? 'in no tag that it belongs to' : `in \`${outer}\`, which has none`
      return reportSyntax({ begin, end }, `\`${name}\` stands ${place}`)
    }
    const names = Object.keys(tags)
    const start = begin + text.slice(begin, end).indexOf(name)
    const help = suggestNearest(name, [...names, ...inner]) ?? `a template has ${listQuoted(names)}`
    const at = { location: { file, start, end: start + name.length } }
    return { fault: unknownTemplateWord(at, { problem: `there is no tag \`${name}\``, help }) }
  }
}

/** Removes the end of an engine message, which has the position. */
const cutPlace = (message: string) => message.replace(/, line:\d+, col:\d+$/s, '')

/** A stretch of a text up to the end of its first line. */
function cutLine(text: string, begin: number, end: number): Span {
  const newline = text.indexOf('\n', begin)
  // The delimiters of `{%}` overlap, so that its end is before its beginning.
  return { start: Math.min(begin, end), end: newline === -1 ? end : Math.min(end, newline) }
}

/** Words of the engine as a person writes them, with backticks for its quotes. */
function explainEngineMessage(message: string): string {
  const [, part] = /^invalid value expression: "(.*)"$/s.exec(message) ?? []
  if (part === '') return 'a value is missing'
  if (part !== undefined) return `\`${JSON.parse(`"${part}"`)}\` is no value`
  return message.replaceAll(
    /"((?:[^"\\]|\\.)*)"/g,
    (_, quoted: string) => `\`${quoted.replaceAll('\\"', '"')}\``,
  )
}

/** The depth of the brackets of a text, some of which may be in quotes. */
function measureDepth(text: string): number {
  let depth = 0
  let deepest = 0
  for (const sign of text)
    if (sign === '[' || sign === '(') deepest = Math.max(deepest, ++depth)
    else if (sign === ']' || sign === ')') depth--
  return deepest
}
