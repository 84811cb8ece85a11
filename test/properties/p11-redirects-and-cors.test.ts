import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { Method, Origin } from '../../schema/spec/names.ts'
import { milliseconds } from './declared.ts'
import { at, entriesAt, everyMesh, listAt, ofKind } from './subject.ts'

const p11 = suite('P11 redirects and CORS')

p11('P11: a redirect goes somewhere and does nothing else; CORS names origins and methods', () =>
  everyMesh(({ objects }) => {
    for (const { name, spec } of ofKind(objects, 'VirtualService')) {
      for (const rule of listAt(spec, 'http')) {
        const redirect = at(rule, 'redirect')
        if (redirect !== undefined) {
          const beside = entriesAt(rule).map(([field]) => field)
          for (const field of ['route', 'rewrite', 'timeout', 'retries', 'mirrors', 'fault'])
            assert.not.ok(beside.includes(field), `${name}: ${field} beside a redirect`)
          const code = Number(at(redirect, 'redirectCode'))
          assert.ok([301, 302, 303, 307, 308].includes(code), String(code))
          const target = ['uri', 'prefixRewrite', 'authority', 'scheme', 'port']
          assert.ok(
            target.some(field => at(redirect, field) !== undefined),
            name,
          )
          const uri = at(redirect, 'uri') ?? at(redirect, 'prefixRewrite') ?? '/'
          assert.match(String(uri), /^\/[^*]*$/)
        }
        const cors = at(rule, 'corsPolicy')
        if (cors !== undefined) {
          const origins = listAt(cors, 'allowOrigins').map(origin => at(origin, 'exact'))
          assert.ok(origins.length > 0)
          for (const origin of origins) assert.ok(Origin.safeParse(origin).success, String(origin))
          for (const method of listAt(cors, 'allowMethods')) assert.ok(Method.safeParse(method).success)
          const maxAge = at(cors, 'maxAge')
          if (maxAge !== undefined) assert.is(milliseconds(maxAge) % 1000, 0, 'Istio takes whole seconds')
        }
      }
    }
  }),
)

p11.run()
