import fc from 'fast-check'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { coversHost, findCoveringHost, listCoveringHosts } from '../../compiler/mesh/gateway-hosts.ts'
import { decided } from '../../compiler/mesh/sourced.ts'
import { holds } from '../holds.ts'

const gatewayHosts = suite('hosts of gateways')

const label = fc.constantFrom('a', 'b', 'shop', 'example')
const domain = fc.array(label, { minLength: 2, maxLength: 4 }).map(labels => labels.join('.'))
const host = fc.oneof(
  domain,
  domain.map(name => `*.${name}`),
  fc.constant('*'),
)

gatewayHosts('the listed hosts are those that cover a host', () => {
  holds(
    fc.property(host, host, (wide, narrow) => {
      assert.is(listCoveringHosts(narrow).includes(wide), coversHost(wide, narrow))
    }),
    { numRuns: 1000 },
  )
})

gatewayHosts('the narrowest of the hosts of a gateway is found', () => {
  holds(
    fc.property(fc.array(host), host, (names, narrow) => {
      const hosts = names.map(name => decided('policy:object', name))
      const covering = names.filter(name => coversHost(name, narrow))
      const nearest = findCoveringHost(hosts, narrow)
      assert.is(nearest === undefined, covering.length === 0)
      if (nearest !== undefined) assert.ok(covering.every(name => coversHost(name, nearest)))
    }),
  )
})

gatewayHosts('a host is covered by itself, and then by wider wildcards', () => {
  assert.equal(listCoveringHosts('api.shop.example.com'), [
    'api.shop.example.com',
    '*.shop.example.com',
    '*.example.com',
    '*.com',
    '*',
  ])
})

gatewayHosts.run()
