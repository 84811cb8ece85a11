import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { commands } from '../../bin/commands/index.ts'
import { findDiagnostic } from '../../compiler/catalogue.ts'
import { decisions } from '../../compiler/mesh/decisions.ts'
import { listBlocks, pages, pageText } from '../support/markdown.ts'

const test = suite('docs/commands')
const root = join(import.meta.dirname, '../..')
const scaffold = 'templates/init'

/** The texts that contain commands for readers: the pages about meshc, and the README of a new project. */
const texts = [...pages, `${scaffold}/README.md`]

for (const page of texts) {
  const typed = listCommands(pageText(page))
  if (typed.length === 0) continue
  test(`every command in ${page} exists`, () => {
    assert.equal(
      typed.flatMap(({ line, words }) => listFaults(words).map(fault => `line ${line}: ${fault}`)),
      [],
    )
  })
}

test('the README lists the commands that there are, in their order', () => {
  const listed = [...pageText('README.md').matchAll(/^\| `meshc ([a-z]+)/gm)].map(([, name]) => name)
  assert.equal(
    listed,
    commands.map(({ name }) => name),
  )
})

test('commands are found, also between others, in lists and in code spans', () => {
  const text = [
    '   ```sh',
    '   cd /tmp && npx --no-install meshc build --env prod # all',
    '   ```',
    'Say `meshc explain MESH3101`, or `npx --no-install meshc validate`; `meshc.lock.json` is none.',
  ].join('\n')
  assert.equal(
    listCommands(text).map(({ words }) => words.join(' ')),
    [
      'cd /tmp',
      'npx --no-install meshc build --env prod',
      'meshc explain MESH3101',
      'npx --no-install meshc validate',
    ],
  )
})

test('the check finds commands that do not exist', () => {
  const wrong = [
    'meshc buidl',
    'npx --no-install meshc build --chekc',
    'npx meshc build',
    'meshc build prod',
    'meshc build --env',
    'meshc init a b',
    'meshc why out/prod/nowhere.yaml:1',
    'meshc impact spec/base/mesh.yaml:9999',
    'meshc explain MESH9999',
    'npm run chekc',
    'npm istall',
    'scripts/valdate.sh',
    'rm -rf out',
  ]
  assert.equal(
    wrong.filter(command => listFaults(command.split(' ')).length === 0),
    [],
  )
})

test.run()

interface Typed {
  readonly line: number
  readonly words: readonly string[]
}

/** Lists the commands in shell blocks, and the commands of meshc, npm and scripts in code spans. */
function listCommands(text: string): readonly Typed[] {
  const inBlocks = listBlocks(text)
    .filter(({ language }) => language === 'sh')
    .flatMap(({ text, line }) => text.split('\n').map((typed, index) => ({ line: line + 1 + index, typed })))
  const inSpans = text.split('\n').flatMap((row, index) =>
    [
      ...row.matchAll(/(?<!`)`((?:npx (?:--no-install )?)?meshc [a-z][^`]*|npm [a-z][^`]*|scripts\/[^`]*)`/g),
    ].map(([, typed = '']) => ({
      line: index + 1,
      typed,
    })),
  )
  return [...inBlocks, ...inSpans].flatMap(({ line, typed }) =>
    typed
      .replace(/(^| )#.*$/, '')
      .split(/&&|\|/)
      .map(command => ({ line, words: command.trim().match(/'[^']*'|\S+/g) ?? [''] }))
      .filter(({ words }) => words[0] !== ''),
  )
}

/** Lists the reasons why a reader cannot type a command. */
function listFaults([program = '', ...words]: readonly string[]): readonly string[] {
  if (program === 'npx')
    return words[0] === '--no-install'
      ? listFaults(words.slice(1))
      : ['npx without --no-install fetches whatever is called so']
  if (program === 'meshc') return faultsOfMeshc(words)
  if (program === 'npm') return faultsOfNpm(words)
  if (program.startsWith('scripts/'))
    return existsSync(join(root, scaffold, program)) ? [] : [`there is no ${program}`]
  return program in others && others[program]?.includes(words[0] ?? '') !== false
    ? []
    : [`${program} ${words[0]}`]
}

/** The other programs that readers use, each with its commands, if it has any. */
const others: Readonly<Record<string, readonly string[] | undefined>> = {
  cd: undefined,
  git: ['init', 'diff', 'push'],
  helm: ['template'],
  kubectl: ['apply', 'create', 'get', 'rollout'],
  kustomize: ['build'],
  istioctl: ['install', 'proxy-status', 'analyze', 'x'],
}

function faultsOfMeshc([name = '', ...words]: readonly string[]): readonly string[] {
  // `meshc help` and `meshc help build` run before the other commands.
  if (name === 'help') return words.length === 0 ? [] : faultsOfMeshc([...words, '--help'])
  const command = commands.find(command => command.name === name)
  if (command === undefined) return [`meshc has no command ${name}`]
  const faults: string[] = []
  const rest = words.map(word => word.replace(/^\[|\]$/g, ''))
  const isEndless = command.argument?.startsWith('[...') === true
  let free = isEndless ? words.length : (command.argument?.split(' ').length ?? 0)
  for (let word = rest.shift(); word !== undefined; word = rest.shift()) {
    const option = command.options.find(({ flag }) =>
      flag
        .replace(/ ?<.*$/, '')
        .split(', ')
        .includes(word),
    )
    if (word.startsWith('--') && option === undefined) faults.push(`meshc ${name} has no option ${word}`)
    else if (option?.flag.includes('<') === true && rest.shift() === undefined)
      faults.push(`${word} has no value`)
    else if (!word.startsWith('-') && free-- === 0) faults.push(`meshc ${name} takes no ${word}`)
    else if (name === 'explain' && !isTopic(word)) faults.push(`there is nothing under ${word}`)
    else if (!isPlace(word)) faults.push(`there is no line ${word}`)
  }
  return faults
}

const isTopic = (word: string) =>
  word === 'defaults' || word.includes('…') || word in decisions || findDiagnostic(word) !== undefined

/** Checks whether a `file:line` in a command exists, in this repository or in a new project. */
function isPlace(word: string): boolean {
  const [, file = '', line = ''] = /^(.+\.yaml):(\d+)$/.exec(word) ?? []
  if (file === '') return true
  return [root, join(root, scaffold)]
    .map(folder => join(folder, file))
    .filter(existsSync)
    .some(path => (readFileSync(path, 'utf8').split('\n')[Number(line) - 1] ?? '').trim() !== '')
}

function faultsOfNpm([name = '', word = '']: readonly string[]): readonly string[] {
  if (name !== 'run') return ['audit', 'ci', 'install', 'pack', 'test'].includes(name) ? [] : [`npm ${name}`]
  const scripts = ['package.json', `${scaffold}/package.json`].flatMap(file =>
    Object.keys(JSON.parse(readFileSync(join(root, file), 'utf8')).scripts),
  )
  return scripts.includes(word) ? [] : [`npm run ${word}`]
}
