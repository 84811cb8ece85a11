import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { istioCodes, kialiCodes } from '../bin/build/derive/foreign-codes.ts'
import { catalogue } from '../compiler/catalogue.ts'

const test = suite('codes of other checkers')

const foreign = [...istioCodes, ...kialiCodes]
const covered = new Set(catalogue.flatMap(({ covers = [] }) => covers))

test('every message of istioctl analyze and every check of Kiali is accounted for, once', () => {
  assert.is(istioCodes.length, 68)
  assert.is(kialiCodes.length, 72)
  const codes = foreign.map(({ code }) => code)
  assert.equal(codes, [...new Set(codes)].toSorted())
})

test('the list has every code that diagnostics cover', () => {
  const known = new Set(foreign.map(({ code }) => code))
  assert.equal(
    [...covered].filter(code => !known.has(code)),
    [],
  )
})

test('a code with the status `diagnostic` is covered by a diagnostic, and a code with the status `no` is not', () => {
  const wrong = foreign.filter(({ code, ruledOut }) => {
    if (ruledOut === 'diagnostic') return !covered.has(code)
    return (ruledOut === 'no' || ruledOut === 'language') && covered.has(code)
  })
  assert.equal(
    wrong.map(({ code }) => code),
    [],
  )
})

test('a code that no diagnostic rules out alone has an explanation', () => {
  assert.equal(
    foreign.filter(({ ruledOut, note }) => ruledOut !== 'diagnostic' && note === '').map(({ code }) => code),
    [],
  )
})

test.run()
