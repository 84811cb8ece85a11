import { readdirSync, readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { rules } from '../../compiler/validate/rules/index.ts'

const test = suite('every rule')

const folder = import.meta.dirname
const planted = readdirSync(folder)
  .flatMap(file => [...readFileSync(`${folder}/${file}`, 'utf8').matchAll(/^ {2}'(MESH\d{4})',$/gm)])
  .map(match => match[1]!)

test('a fault is planted for every rule', () => {
  const codes = rules.map(({ diagnostic }) => diagnostic.code)
  assert.equal(
    codes.filter(code => !planted.includes(code)),
    [],
  )
})

test('every rule is a file that is named after it', () => {
  const home = join(folder, '../../compiler/validate/rules')
  const files = readdirSync(home, { encoding: 'utf8', recursive: true }).filter(
    file => file.endsWith('.ts') && file !== 'index.ts',
  )
  const index = readFileSync(join(home, 'index.ts'), 'utf8')
  const named = files.map(file => ({
    file,
    name: basename(file, '.ts').replace(/-(\w)/g, (_, letter: string) => letter.toUpperCase()),
  }))
  const unnamed = named.filter(
    ({ file, name }) => !readFileSync(join(home, file), 'utf8').includes(`export const ${name} = defineRule`),
  )
  assert.equal(unnamed, [], 'files without the rule of their name')
  const unlisted = named.filter(({ name }) => !new RegExp(`^ {2}${name},$`, 'm').test(index))
  assert.equal(unlisted, [], 'files that the index does not list')
  assert.is(rules.length, files.length)
})

test.run()
