import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { Url } from '../../schema/spec/names.ts'
import { servicesOf } from './declared.ts'
import { at, everyMesh, listAt, ofKind } from './subject.ts'

const p16 = suite('P16 JWKS')

p16('P16: every JWT rule says where the keys are, and every token that is asked for has a rule', () =>
  everyMesh(({ spec, objects }) => {
    const authentications = ofKind(objects, 'RequestAuthentication')
    for (const { name, spec: authentication } of authentications) {
      const rules = listAt(authentication, 'jwtRules')
      assert.ok(rules.length > 0, name)
      for (const rule of rules) {
        assert.ok(Url.safeParse(at(rule, 'jwksUri')).success, name)
        assert.is(at(rule, 'jwks'), undefined)
        assert.type(at(rule, 'issuer'), 'string')
      }
    }
    const declared = servicesOf(spec).filter(({ spec: service }) => service.jwt !== undefined)
    assert.equal(
      authentications.map(({ namespace, name }) => `${namespace}/${name}`).sort(),
      declared.map(({ namespace, name }) => `${namespace}/${name}`).sort(),
    )
    for (const { namespace, name, spec: policy } of ofKind(objects, 'AuthorizationPolicy')) {
      for (const rule of listAt(policy, 'rules')) {
        const tokens = listAt(rule, 'from', 0, 'source', 'requestPrincipals')
        // A claim of a token that nobody validates is never there.
        if (listAt(rule, 'when').length > 0) assert.ok(tokens.length > 0, name)
        if (tokens.length === 0) continue
        const own = authentications.find(one => one.namespace === namespace && one.name === name)
        const issuers = listAt(own?.spec, 'jwtRules').map(one => `${String(at(one, 'issuer'))}/*`)
        assert.equal(tokens, issuers, name)
      }
    }
  }),
)

p16.run()
