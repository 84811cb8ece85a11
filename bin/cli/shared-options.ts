import { findNearestName, listQuoted } from '../../compiler/diagnostics/suggest.ts'
import type { Option, Options } from './command.ts'
import { Failure } from './failure.ts'

/** The options that several commands have. */
export const projectOption: Option = {
  flag: '--project <folder>',
  values: 'folders',
  summary: 'The folder that holds spec/ (default: the nearest above)',
}
export const environmentOption: Option = {
  flag: '--env <name>',
  values: 'environments',
  isRepeatable: true,
  summary: 'The environment, a folder of spec/; may be repeated (default: all)',
}
/** The option of commands that answer a question; those that find something have a choice of formats. */
export const jsonOption: Option = { flag: '--json', summary: 'Print one JSON document on stdout' }

/** The option that mends specs before anything else is done with them. */
export const fixOption: Option = {
  flag: '--fix',
  summary: 'Fix the errors in the specs that have only one safe fix',
}

/** The options of commands that ask a mesh. */
export const meshOptions: readonly Option[] = [
  { flag: '--env <name>', values: 'environments', summary: 'The environment, a folder of spec/' },
  {
    flag: '--manifests <folder>',
    values: 'folders',
    isRepeatable: true,
    summary: 'Ask any manifests instead of the specs: a folder, a file, or `-`; may be repeated',
  },
  {
    flag: '--mesh-config <file>',
    values: 'files',
    summary: 'The meshConfig of the manifests (default: that of an IstioOperator, the ConfigMap or values)',
  },
]

/** The options of commands that answer questions about requests. */
export const limitOptions: readonly Option[] = [
  {
    flag: '--time-limit <duration>',
    summary:
      'The time after which the answer to one question is UNKNOWN; all together 12 times that (default: 10s)',
  },
  {
    flag: '--memory-limit <size>',
    summary: 'The memory above which the answer to one question is UNKNOWN (default: 128Mi)',
  },
]

const formats = ['text', 'json', 'sarif', 'github', 'gitlab', 'junit'] as const

/** The format of a command's results. */
export type Format = (typeof formats)[number]

/** The options by which a call chooses; `formatOf` reads them. */
export const formatOptions: readonly Option[] = [
  {
    flag: '--format <name>',
    values: formats,
    summary: `The format of findings: ${formats.join(', ')} (default: text)`,
  },
  { flag: '--json', summary: 'Print one JSON document on stdout: --format json' },
]

/** The format that a call asks for. */
export function getFormat(options: Options): Format {
  const word = options.word('format')
  if (word === undefined) return options.has('json') ? 'json' : 'text'
  const format = formats.find(format => format === word)
  if (format === undefined) {
    const near = findNearestName(word, formats)
    const help = near === undefined ? `there is ${listQuoted(formats)}` : `did you mean \`${near}\`?`
    throw new Failure(`there is no format \`${word}\``, help)
  }
  if (options.has('json') && format !== 'json')
    throw new Failure(`\`--json\` and \`--format ${format}\` are given both`, 'give one of the two')
  return format
}
