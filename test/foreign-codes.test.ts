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

test('every foreign code that diagnostics cover is in the table', () => {
  const known = new Set(foreign.map(({ code }) => code))
  assert.equal(
    [...covered].filter(code => !known.has(code)),
    [],
  )
})

test('a foreign code is ruled out exactly if a diagnostic covers it', () => {
  const wrong = foreign.filter(({ code, ruledOut }) => {
    if (ruledOut === 'diagnostic') return !covered.has(code)
    return (ruledOut === 'no' || ruledOut === 'language') && covered.has(code)
  })
  assert.equal(
    wrong.map(({ code }) => code),
    [],
  )
})

test('a foreign code that a diagnostic alone does not rule out has an explanation', () => {
  assert.equal(
    foreign.filter(({ ruledOut, note }) => ruledOut !== 'diagnostic' && note === '').map(({ code }) => code),
    [],
  )
})

test.run()
