import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { makeRequestRegion } from '../../../compiler/behavior/compare/describe.ts'
import type { JwtRule } from '../../../compiler/behavior/model.ts'
import { listTokenForms } from '../../../compiler/behavior/symbolic/token-forms.ts'

const regions = suite('words for regions')

const rule = (issuer: string, audiences: readonly string[] = []): JwtRule => ({
  issuer,
  audiences,
  fromHeaders: [],
  fromParams: [],
  fromCookies: [],
  forwardOriginalToken: false,
  spaceDelimitedClaims: [],
  payloadHeader: undefined,
  outputClaimToHeaders: [],
})
const ann = 'https://ann.example'
const forms = listTokenForms([[rule(ann, ['shop'])]])

const words = (isWanted: (form: (typeof forms)[number]) => boolean): string | undefined => {
  const atoms = forms.flatMap((form, atom) => (isWanted(form) ? [atom] : []))
  const all = forms.map((form, atom) => ({ form, atom }))
  return makeRequestRegion(new Map([[0, atoms]]), [{ kind: 'token', forms, all }])[0]?.says
}

regions('tokens are described by all their common properties', () => {
  assert.is(
    words(() => true),
    undefined,
  )
  assert.is(
    words(form => form === undefined),
    'none',
  )
  assert.is(
    words(form => form !== undefined),
    'any',
  )
  assert.is(
    words(form => form?.issuer === ann),
    `of ${ann}`,
  )
  assert.is(
    words(form => form === undefined || (form.issuer === ann && form.isValid)),
    `none or of ${ann} that is valid`,
  )
  assert.is(
    words(form => form?.issuer === ann && form.isValid),
    `of ${ann} that is valid`,
  )
  assert.is(
    words(form => form === undefined || form.issuer !== ann || !form.isValid),
    `any or none, except of ${ann} that is valid`,
  )
})

regions('tokens of one class are described together', () => {
  const classes = forms.map(form => ({ form, atom: form?.issuer === ann ? 1 : 0 }))
  const [regionCondition] = makeRequestRegion(new Map([[0, [1]]]), [
    { kind: 'token', forms: [undefined, forms[1]], all: classes },
  ])
  assert.is(regionCondition?.says, `of ${ann}`)
  assert.is(regionCondition?.examples.length, forms.filter(form => form?.issuer === ann).length)
})

regions.run()
