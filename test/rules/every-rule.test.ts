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
  assert.is(files.length, rules.length)
  for (const file of files) {
    const name = basename(file, '.ts').replace(/-(\w)/g, (_, letter: string) => letter.toUpperCase())
    assert.match(readFileSync(join(home, file), 'utf8'), `export const ${name} = defineRule`)
  }
})

test.run()
