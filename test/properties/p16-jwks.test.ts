import { BlockList, isIPv6 } from 'node:net'
import * as assert from 'uvu/assert'
import { getHelmValues, getIstioOperator, listObjects } from '../support/output.ts'
import { property } from '../support/property.ts'

/** P16. A token counts only if it can be checked: a service that requires one knows its issuer and the place of the keys. */
property(
  16,
  'every rule about tokens has an issuer, keys and audiences as declared, and every token asked for has such a rule',
  [
    'a service that understands tokens',
    'audiences',
    'a header of its own',
    'a token that is required',
    'claims that are required',
    'claims without the word `required`',
    'a caller without a token',
  ],
  (compilation, { services }, saw) => {
    const authentications = listObjects(compilation, 'RequestAuthentication')
    const understanding = services.filter(
      ({ key, spec, samePods }) => spec.jwt !== undefined && samePods[0]!.key === key,
    )
    assert.is(authentications.length, understanding.length, 'nobody else understands tokens')
    for (const { name, namespace, labels, spec } of understanding) {
      const { issuer, jwks, audiences, header, forward = true } = spec.jwt!
      const authentication = authentications.find(
        emitted => emitted.name === name && emitted.namespace === namespace,
      )
      assert.match(jwks!, /^https?:\/\/[^/]+/)
      const rule = {
        issuer,
        jwksUri: jwks,
        ...(audiences !== undefined && { audiences }),
        ...(header !== undefined && { fromHeaders: [{ name: header }] }),
        forwardOriginalToken: forward,
      }
      const expected = { selector: { matchLabels: labels }, jwtRules: [rule] }
      assert.equal(authentication?.spec, expected, `the tokens that ${name} understands`)
      saw('a service that understands tokens')
      if (audiences !== undefined) saw('audiences')
      if (header !== undefined) saw('a header of its own')
    }

    // The variable that IST0175 requires in the Deployment of istiod, for each way of installation.
    const istiod = { ...getHelmValues(compilation).istiod.env }
    const name = 'BLOCKED_CIDRS_IN_JWKS_URIS'
    const operator = getIstioOperator(compilation).components?.pilot?.k8s?.env ?? []
    assert.equal(Object.fromEntries(operator.map(({ name, value }) => [name, value])), istiod)
    assert.is(istiod[name] !== undefined, understanding.length > 0, 'istiod fetches keys for somebody')
    const blocked = new BlockList()
    for (const range of istiod[name]?.split(',') ?? []) {
      const [address = '', length] = range.split('/')
      blocked.addSubnet(address, Number(length), isIPv6(address) ? 'ipv6' : 'ipv4')
    }
    const metadata = [
      ['169.254.169.254', 'ipv4'],
      ['127.0.0.1', 'ipv4'],
      ['::1', 'ipv6'],
    ] as const
    for (const [address, family] of metadata)
      assert.is(blocked.check(address, family), understanding.length > 0, address)
    for (const address of ['10.96.0.7', '203.0.113.7']) assert.not(blocked.check(address, 'ipv4'), address)

    const policies = listObjects(compilation, 'AuthorizationPolicy')
    for (const { key, name, namespace, labels, spec, samePods } of services) {
      const policy = policies.find(emitted => emitted.name === name && emitted.namespace === namespace)
      for (const [index, { from, jwt, claims = {} }] of (spec.allow ?? []).entries()) {
        const rule = policy?.spec.rules?.[index]
        const where = `what ${key} asks of ${from}`
        const asked = Object.entries(claims)
        const conditions = asked.map(([claim, values]) => ({ key: `request.auth.claims[${claim}]`, values }))
        const byKey = (a: { readonly key: string }, b: { readonly key: string }) => (a.key < b.key ? -1 : 1)
        assert.equal((rule?.when ?? []).toSorted(byKey), conditions.toSorted(byKey), where)
        const principals = rule?.from?.flatMap(({ source }) => source.requestPrincipals ?? []) ?? []
        const isAsked = jwt === 'required' || asked.length > 0
        assert.equal(principals, isAsked ? [`${spec.jwt?.issuer}/*`] : [], where)
        if (isAsked) {
          const { name: first } = samePods[0]!
          const sameNamed = authentications.filter(
            emitted => emitted.namespace === namespace && emitted.name === first,
          )
          assert.equal(sameNamed[0]?.spec.selector?.matchLabels, labels, `${key} can check what it asks for`)
        }
        if (jwt === 'required') saw('a token that is required')
        if (asked.length > 0) saw('claims that are required')
        if (asked.length > 0 && jwt === undefined) saw('claims without the word `required`')
        if (!isAsked) saw('a caller without a token')
      }
    }
  },
)
