import type { PageEngine } from '../../../bin/map/page-engine.ts'
import type { CallDetails, FormAnswer, FormRequest, NodeDetails } from '../../../compiler/map/answers.ts'
import type { PageMesh } from '../../../compiler/map/page-data.ts'
import type { Place } from '../../../compiler/provenance/place-reasons.ts'

const place = (line: number): Place => ({
  file: 'out/prod/shop/cart.yaml',
  line,
  spec: { file: 'spec/prod/mesh.yaml', line: line * 3 },
})

/**
 * Makes an engine that answers only from the names of a mesh: for tests of the page, which shows the answers
 * of any engine.
 */
export function makeStubEngine({ map, commandOptions, objects }: PageMesh): PageEngine {
  let isWarm = false
  return {
    warm() {
      isWarm = true
    },
    describeNode(node): NodeDetails {
      const { name, owner, hosts } = map.nodes[node]!
      return {
        facts: [
          ...(owner === undefined ? [] : [{ name: 'owner', value: owner, places: [place(2)] }]),
          {
            name: 'service account',
            value: `${name}-account`,
            places: [place(4), { ...place(9), decision: 'one-account-per-workload' }],
          },
          { name: 'engine', value: isWarm ? 'was warm' : 'was cold', places: [] },
          { name: 'objects', value: `${objects.length}`, places: [] },
        ],
        ports: hosts.map(host => ({
          host,
          port: 8080,
          protocol: 'http',
          encryption: [{ name: 'inside', value: 'mutual TLS from every namespace', places: [place(14)] }],
        })),
        routes: [
          {
            name: `VirtualService ${name} http[0] (canary)`,
            matches: ['GET /api/*, header x-canary: 1', 'POST /api/orders'],
            destinations: [`100 % ${name} v2`],
            state: 'live',
            settings: [{ name: 'timeout', value: '5s', places: [place(21)] }],
            places: [place(20)],
          },
          {
            name: `VirtualService ${name} http[1]`,
            matches: ['GET /api/old/*'],
            destinations: [`100 % ${name} v1`],
            state: 'dead',
            note: 'http[0] takes every request that this rule matches',
            settings: [],
            places: [place(30)],
          },
          {
            name: `VirtualService ${name} http[2]`,
            matches: [],
            destinations: [`90 % ${name} v1`, `10 % ${name} v2`],
            state: 'live',
            settings: [{ name: 'retries', value: '2 on 5xx', places: [place(36)] }],
            places: [place(34)],
          },
        ],
        rules: [
          {
            name: `AuthorizationPolicy ${name} ALLOW rules[0]`,
            says: 'GET, POST /api/* from shop/web',
            state: 'live',
            places: [place(44)],
          },
        ],
      }
    },
    describeCall(number, caller): CallDetails {
      const { destination, label } = map.calls[number]!
      const from = map.callers[caller]!.name
      return {
        passes: [label],
        refused: ['DELETE', '/admin/*, no header x-admin'],
        unknown: [],
        because: [],
        witness: {
          request: {
            from: {},
            to: { host: destination.host, port: destination.port },
            path: '/api/products/1',
          },
          command: `meshc trace ${commandOptions} --from ${from} --to ${destination.host}:${destination.port} 'GET /api/products/1'`,
          result: 'ALLOW at shop/cart',
        },
      }
    },
    answerForm: form =>
      answerForm(
        form,
        commandOptions,
        map.nodes.map(({ id }) => id),
      ),
  }
}

function answerForm(form: FormRequest, options: string, ids: readonly string[]): FormAnswer {
  const words = form.from === '' ? '' : ` --from ${form.from}`
  const to = form.to.replace(/[.:].*$/, '')
  const target = ids.find(id => id.endsWith(`/${to}`))
  if (target === undefined)
    return { kind: 'failure', message: `no host \`${form.to}\``, help: 'name a host of the mesh' }
  const source = ids.find(id => form.from !== '' && id.endsWith(form.from)) ?? ids[0]!
  return {
    kind: 'result',
    command: `meshc trace ${options}${words} --to ${form.to} '${form.method} ${form.path}'`,
    way: [source, target],
    json: {
      ok: form.method !== 'DELETE',
      verdict: form.method === 'DELETE' ? 'DENY' : 'ALLOW',
      client: form.from,
      steps: [
        {
          step: 'route',
          says: `http[2] takes it to ${to}`,
          at: [{ ...place(34), object: `VirtualService ${to}`, pointer: '/spec/http/2' }],
        },
      ],
      outcomes: [
        {
          workload: `shop/${to}-v1`,
          verdict: form.method === 'DELETE' ? 'DENY' : 'ALLOW',
          status: form.method === 'DELETE' ? 403 : 200,
          transport: 'mtls',
          policy: 'AuthorizationPolicy rules[0]',
          steps: [
            {
              step: 'policy',
              says: 'rules[0] allows it',
              at: [{ object: `AuthorizationPolicy ${to}`, pointer: '' }],
            },
          ],
        },
      ],
      unknown: [],
    },
  }
}
