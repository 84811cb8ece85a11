import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { documented, type Flags, type Tool } from '../report/command-lines.ts'
import { goldenFolder } from '../support/golden.ts'
import type { CommandResult } from './command.ts'
import { type Oracle, oracle, requireOracle } from './tools.ts'

const lines = suite('command lines')

const testTools = await requireOracle(lines, 'istioctl', 'kubectl', 'helm', 'argocd')

testTools('the flags that documents use are those that the real tools have', async () => {
  const known: Record<string, Record<string, Flags>> = {}
  const tools = await oracle()
  for (const tool of Object.keys(documented) as Tool[]) {
    const globals = tool === 'kubectl' ? readFlags(await stated(tools, tool, ['options'])) : {}
    known[tool] = {}
    for (const command of documented[tool]) {
      const help = await stated(tools, tool, [...command.split(' '), '--help'])
      known[tool][command] = sorted({ ...globals, ...readFlags(help) })
    }
  }
  goldenFolder('report/expected').matches('command-lines.json', `${JSON.stringify(known, undefined, 2)}\n`)
})

testTools('a command that a tool does not have is not taken for one', async () => {
  const tools = await oracle()
  for (const tool of Object.keys(documented) as Tool[]) {
    const refused = await stated(tools, tool, ['no-such-command', '--help']).then(
      help => Object.keys(readFlags(help)).includes('--no-such-flag'),
      () => false,
    )
    assert.is(refused, false, tool)
  }
})

lines.run()

/** Returns the help of a tool for a command. A known command stands in its own usage line. */
async function stated(tools: Oracle, tool: Tool, words: readonly string[]): Promise<string> {
  const { status, stdout, stderr }: CommandResult = await tools[tool](words)
  const help = stdout + stderr
  assert.is(status, 0, `${tool} ${words.join(' ')}: ${help.slice(0, 300)}`)
  const last = words.filter(word => !word.startsWith('-')).at(-1) ?? ''
  // A tool answers an unknown command with the help of the command above it. A command may be called by an
  // alias.
  if (last !== 'options')
    assert.ok(listUsages(help).includes(last) || listAliases(help).includes(last), `${tool} knows ${last}`)
  return help
}

const listUsages = (help: string) => /^Usage:\n\s*(.+)$/m.exec(help)?.[1]?.split(/\s+/) ?? []
const listAliases = (help: string) => /^Aliases:\n\s*(.+)$/m.exec(help)?.[1]?.split(/,\s*/) ?? []

/**
 * Reads the flags in the help of a tool: `-n, --namespace string   what it is`, or for kubectl `-n,
 * --namespace='':`.
 */
function readFlags(help: string): Record<string, string> {
  const flags: Record<string, string> = {}
  for (const line of help.split('\n')) {
    const cobra = /^ +(?:(-\w), )?(--[\w-]+)(?: (\S+))?(?: {2,}|$)/.exec(line)
    const kubectl = /^ +(?:(-\w), )?(--[\w-]+)=(.*):$/.exec(line)
    const [, short, long = '', sort = ''] = kubectl ?? cobra ?? []
    if (long === '') continue
    // The next word is not a value if the flag's value is optional (`string[=client]`).
    const takes =
      kubectl === null ? sort.replace(/^.*\[=.*$/, '') : /^(true|false)$/.test(sort) ? '' : 'value'
    for (const flag of [short, long]) if (flag !== undefined) flags[flag] = takes
  }
  return flags
}

const sorted = (flags: Flags): Flags =>
  Object.fromEntries(Object.entries(flags).sort(([a], [b]) => (a < b ? -1 : 1)))
