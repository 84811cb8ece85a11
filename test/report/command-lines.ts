import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { commands } from '../../bin/commands/index.ts'
import type { Command } from '../support/shell.ts'

/** The flags of a tool's command, each with the kind of its value, which is empty for a switch. */
export type Flags = Readonly<Record<string, string>>

/**
 * The commands in documents, by tool. Their flags are those of the real tools: `npm run test:oracle` compares
 * them.
 */
export const documented = {
  istioctl: [
    'analyze',
    'create-remote-secret',
    'experimental authz check',
    'experimental check-inject',
    'experimental describe service',
    'install',
    'proxy-config all',
    'proxy-config clusters',
    'proxy-config endpoints',
    'proxy-config listeners',
    'proxy-config log',
    'proxy-config routes',
    'proxy-config secret',
    'proxy-status',
    'version',
  ],
  kubectl: [
    'apply',
    'create namespace',
    'describe',
    'diff',
    'get',
    'label',
    'logs',
    'rollout restart',
    'top pods',
    'wait',
  ],
  helm: ['upgrade'],
  argocd: ['app diff', 'app get', 'app list', 'app sync', 'app wait'],
} as const

export type Tool = keyof typeof documented

/** The flags of each of these commands, from the help texts of the tools. */
const flagsOf: Readonly<Record<string, Readonly<Record<string, Flags>>>> = JSON.parse(
  readFileSync(join(import.meta.dirname, 'expected/command-lines.json'), 'utf8'),
)

/** Common tools, with the flags that documents use. */
const common: Readonly<Record<string, Readonly<Record<string, Flags>>>> = {
  git: {
    diff: { '--stat': '', '--': '' },
    log: { '--oneline': '', '--format': 'format', '-10': '', '-5': '', '-1': '', '--': '' },
    pull: { '--ff-only': '' },
    push: {},
    revert: { '--no-edit': '' },
  },
  curl: {
    '': {
      '--silent': '',
      '--show-error': '',
      '--output': 'file',
      '--write-out': 'format',
      '--verbose': '',
      '--head': '',
      '--globoff': '',
      '--fail': '',
    },
  },
  grep: {
    '': {
      '--': '',
      '--fixed-strings': '',
      '--extended-regexp': '',
      '--ignore-case': '',
      '--max-count': 'number',
      '--after-context': 'number',
    },
  },
  meshc: Object.fromEntries(
    commands.map(({ name, options }) => [
      name,
      Object.fromEntries(options.map(({ flag }) => [flag.split(' ')[0], flag.includes('<') ? 'value' : ''])),
    ]),
  ),
}

/** The parts of a command. */
export interface CommandLine {
  readonly tool: string
  /** The words that choose the action of the tool: `proxy-config routes`. */
  readonly command: string
  readonly operands: readonly string[]
  readonly flags: ReadonlyMap<string, readonly string[]>
}

/** Splits a command into its parts. The second result lists the parts that do not exist. */
export function readCommand(words: Command): readonly [CommandLine, readonly string[]] {
  const [tool = '', ...rest] = /^(npx --no-install|xargs) /.test(words.join(' '))
    ? words.slice(words[0] === 'npx' ? 2 : 1)
    : words
  const knownFlagsOf = flagsOf[tool] ?? common[tool]
  const named = Object.keys(knownFlagsOf ?? {})
    .sort((a, b) => b.length - a.length)
    .find(command => command === '' || `${rest.join(' ')} `.startsWith(`${command} `))
  const flags = new Map<string, string[]>()
  if (knownFlagsOf === undefined || named === undefined)
    return [
      { tool, command: '', operands: rest, flags },
      [`there is no ${tool} ${rest.slice(0, 3).join(' ')}`],
    ]
  const takes = knownFlagsOf[named]!
  const faults: string[] = []
  const operands: string[] = []
  const waiting = rest.slice(named === '' ? 0 : named.split(' ').length)
  for (let word = waiting.shift(); word !== undefined; word = waiting.shift()) {
    // A word after `--` is not a flag.
    if (!/^-/.test(word) || flags.has('--')) {
      operands.push(word)
      continue
    }
    const [flag = '', ...given] = word === '--' ? ['--'] : word.split('=')
    const sort = takes[flag]
    if (sort === undefined) faults.push(`${tool} ${named} has no ${flag}`)
    const value =
      given.length > 0 ? given.join('=') : sort === '' || sort === undefined ? '' : waiting.shift()
    if (value === undefined) faults.push(`${flag} has no value`)
    flags.set(flag, [...(flags.get(flag) ?? []), value ?? ''])
  }
  return [{ tool, command: named, operands, flags }, faults]
}
