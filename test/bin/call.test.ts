import fc from 'fast-check'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { globalOptions, listSpellings, parseCall, takesValue } from '../../bin/cli/call.ts'
import { commands } from '../../bin/commands/index.ts'
import { holds } from '../holds.ts'
import { meshc } from '../support/meshc.ts'
import { getMesh, project } from '../support/project.ts'

const test = suite('bin/call')

/** Words that a program may read as a number, a truth value or an empty value. */
const words = fc.oneof(
  fc.constantFrom('1.10', '010', '0x10', '1e3', '0b11', '+7', '.5', '5.', '00', '1_000', 'Infinity', 'NaN'),
  fc.constantFrom('true', 'false', 'null', 'undefined', '__proto__', 'constructor', ' 7 ', '１', 'no-json'),
  fc.double().map(String),
  fc.bigInt().map(String),
  fc.stringMatching(/^[0-9][0-9a-fxe.+_-]{0,12}$/),
  fc.string({ minLength: 1 }),
)
const values = words.filter(word => !word.startsWith('-'))

test('every value and argument of every command is the text that was typed', () => {
  let count = 0
  const command = fc.constantFrom(...commands)
  const calls = command.chain(command =>
    fc.record({
      command: fc.constant(command),
      options: fc.array(
        fc.record({
          option: fc.constantFrom(...command.options),
          spelling: fc.nat(1),
          isInline: fc.boolean(),
          value: words,
        }),
        { maxLength: 4 },
      ),
      before: fc.boolean(),
      argument: values,
    }),
  )
  holds(
    fc.property(calls, ({ command, options, before, argument }) => {
      const expected = new Map<string, string[]>()
      const typed = options.flatMap(({ option, spelling, isInline, value }) => {
        const spellings = listSpellings(option)
        const spelled = spellings[spelling % spellings.length]!
        const name = spellings.at(-1)!.slice(2)
        const isWritable = isInline ? spelled.startsWith('--') : !value.startsWith('-')
        if (takesValue(option) && !isWritable) return []
        expected.set(name, [...(expected.get(name) ?? []), takesValue(option) ? value : ''])
        if (!takesValue(option)) return [spelled]
        count++
        return isInline ? [`${spelled}=${value}`] : [spelled, value]
      })
      const rest = before ? [command.name, argument, ...typed] : [...typed, command.name, argument]
      const call = parseCall(rest, commands)
      assert.is(call.command?.name, command.name)
      assert.is(call.fault, undefined, call.fault?.message)
      assert.equal(call.words, [argument])
      for (const option of [...command.options, ...globalOptions]) {
        const name = listSpellings(option).at(-1)!.slice(2)
        assert.equal(call.options.words(name), expected.get(name) ?? [], name)
        assert.is(call.options.has(name), expected.has(name), name)
      }
    }),
    { numRuns: 1000 },
  )
  assert.ok(count > 500, `${count} values`)
})

test('every command line is read or refused', () => {
  const option = fc.constantFrom(...commands.flatMap(({ options }) => options.flatMap(listSpellings)))
  const typed = fc.oneof(
    words,
    option,
    option.chain(option => words.map(word => `${option}=${word}`)),
    fc.constantFrom(
      '--',
      '-',
      '---',
      '--=',
      '-=x',
      '--no-json',
      '--__proto__',
      ...commands.map(({ name }) => name),
    ),
  )
  holds(
    fc.property(fc.array(typed, { maxLength: 8 }), typed => {
      const { words, fault } = parseCall(typed, commands)
      assert.ok(fault !== undefined || words.every(word => typed.includes(word)))
      if (fault !== undefined) assert.is(fault.name, 'Failure')
    }),
    { numRuns: 1000 },
  )
})

test('names that look like numbers are found, and an error names a wrong value', async () => {
  const folder = project({
    'spec/010/mesh.yaml': getMesh(2, 'a'),
    'spec/1.10/mesh.yaml': getMesh(2, 'b'),
    'spec/1e3/mesh.yaml': getMesh(2, 'c'),
  })
  for (const name of ['010', '1.10', '1e3']) {
    const { code, stdout } = await meshc(folder, ['validate', '--env', name])
    assert.is(code, 0)
    assert.match(stdout, `${name} is valid`)
  }
  const calls: readonly (readonly [readonly string[], RegExp])[] = [
    [['validate', '--env', '10'], /no environment `10`/],
    [['validate', '--json=1'], /"message": "`--json` takes no value, so no `1`"/],
    [['validate', '--env', '--fix'], /`--env <name>` has no value before `--fix`/],
    [['build', '--no-check'], /no option `--no-check`/],
    [['trace', '--env', '010', '--from', 'service-0', '--to', 'service-1:99999'], /`99999` is no port/],
    [['trace', '--env', '010', '--from', 'service-0', '--to', 'service-1:010'], /`010` is no port/],
    [
      ['trace', '--env', '010', '--from', 'service-0', '--to', 'service-1', '--ext-authz', 'maybe'],
      /`--ext-authz` is `allow` or `deny`, not `maybe`/,
    ],
  ]
  for (const [words, expected] of calls) {
    const { code, stdout, stderr } = await meshc(folder, words)
    assert.is(code, 2, words.join(' '))
    assert.match(stdout + stderr, expected)
  }
  const revision = await meshc(folder, ['diff', '--base', '1.10'])
  assert.match(revision.stderr, /no revision `1\.10`|no git repository/)
})

test.run()
