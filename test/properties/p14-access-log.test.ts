import * as assert from 'uvu/assert'
import { getMeshConfigs, listObjects } from '../support/output.ts'
import { property } from '../support/property.ts'

/**
 * P14. Programs read the access log: each line is JSON, and contains the caller, the destination, the request
 * and its result.
 */
property(
  14,
  'the access log is written once, as declared; as JSON, each line parses and has the fields',
  ['a log in JSON', 'a log in plain words', 'no log'],
  (compilation, { spec }, saw) => {
    const form = spec.observability?.accessLog ?? 'json'
    const [telemetry] = listObjects(compilation, 'Telemetry')
    const logging = telemetry?.spec.accessLogging
    saw(({ json: 'a log in JSON', text: 'a log in plain words', off: 'no log' } as const)[form])
    for (const [who, { accessLogFile, extensionProviders = [] }] of getMeshConfigs(compilation)) {
      assert.is(accessLogFile, '', `the older switch would write each line twice, installed by ${who}`)
      const logs = extensionProviders.filter(({ envoyFileAccessLog }) => envoyFileAccessLog !== undefined)
      if (form === 'off') {
        assert.equal([logging, logs], [[{ disabled: true }], []], `no log, installed by ${who}`)
        continue
      }
      const [log, ...otherExtensionProviders] = logs
      assert.equal(otherExtensionProviders, [])
      assert.equal(logging, [{ providers: [{ name: log!.name }] }], `the log is used, installed by ${who}`)
      const { path, logFormat } = log!.envoyFileAccessLog!
      assert.is(path, '/dev/stdout')
      if (form === 'text') {
        assert.is(logFormat, undefined, 'in plain words, the log is as Istio has it')
        continue
      }
      const line: unknown = JSON.parse(getLine(logFormat!.labels!))
      for (const [field, value] of Object.entries(fields))
        assert.is((line as Record<string, unknown>)[field], value, `${field} of a line, installed by ${who}`)
    }
  },
)

/**
 * The values of Envoy's commands for one request. See
 * https://www.envoyproxy.io/docs/envoy/latest/configuration/observability/access_log/usage
 */
const answers: Readonly<Record<string, string>> = {
  START_TIME: '2026-11-24T09:00:00.000Z',
  PROTOCOL: 'HTTP/2',
  RESPONSE_CODE: '200',
  RESPONSE_FLAGS: '-',
  RESPONSE_CODE_DETAILS: 'via_upstream',
  CONNECTION_TERMINATION_DETAILS: '-',
  UPSTREAM_TRANSPORT_FAILURE_REASON: '-',
  BYTES_RECEIVED: '17',
  BYTES_SENT: '1024',
  DURATION: '23',
  UPSTREAM_HOST: '10.0.0.7:8080',
  UPSTREAM_CLUSTER: 'outbound|8080||cart.shop.svc.cluster.local',
  UPSTREAM_LOCAL_ADDRESS: '10.0.0.9:41234',
  DOWNSTREAM_LOCAL_ADDRESS: '10.1.0.1:8080',
  DOWNSTREAM_REMOTE_ADDRESS: '10.0.0.9:41230',
  DOWNSTREAM_PEER_URI_SAN: 'spiffe://cluster.local/ns/shop/sa/web',
  REQUESTED_SERVER_NAME: '-',
  ROUTE_NAME: 'default',
  'REQ(:METHOD)': 'GET',
  'REQ(X-ENVOY-ORIGINAL-PATH?:PATH)': '/cart?q="shoes\\"',
  'REQ(:AUTHORITY)': 'cart.shop:8080',
  'REQ(X-FORWARDED-FOR)': '203.0.113.7',
  'REQ(USER-AGENT)': 'a browser, "the" one\n',
  'REQ(X-REQUEST-ID)': '4c7e8a52',
  'REQ(TRACEPARENT)': '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
  'REQ(X-B3-TRACEID)': '0af7651916cd43dd8448eb211c80319c',
  'RESP(X-ENVOY-UPSTREAM-SERVICE-TIME)': '22',
}

/** The fields of a line, and their expected values. */
const fields: Readonly<Record<string, string | undefined>> = {
  start_time: answers['START_TIME'],
  method: answers['REQ(:METHOD)'],
  path: answers['REQ(X-ENVOY-ORIGINAL-PATH?:PATH)'],
  protocol: answers['PROTOCOL'],
  authority: answers['REQ(:AUTHORITY)'],
  response_code: answers['RESPONSE_CODE'],
  response_flags: answers['RESPONSE_FLAGS'],
  response_code_details: answers['RESPONSE_CODE_DETAILS'],
  duration: answers['DURATION'],
  bytes_received: answers['BYTES_RECEIVED'],
  bytes_sent: answers['BYTES_SENT'],
  upstream_host: answers['UPSTREAM_HOST'],
  upstream_cluster: answers['UPSTREAM_CLUSTER'],
  downstream_remote_address: answers['DOWNSTREAM_REMOTE_ADDRESS'],
  route_name: answers['ROUTE_NAME'],
  peer_identity: answers['DOWNSTREAM_PEER_URI_SAN'],
  request_id: answers['REQ(X-REQUEST-ID)'],
  traceparent: answers['REQ(TRACEPARENT)'],
}

/** Returns the line that Envoy writes: a JSON object of these fields, with the values of their commands. */
function getLine(labels: Readonly<Record<string, string>>): string {
  const line = Object.entries(labels).map(([field, format]) => {
    const text = format.replaceAll(/%([^%]*)%/g, (_, command: string) => {
      const answer = answers[command]
      assert.ok(answer, `${field} asks Envoy for ${command}`)
      return answer
    })
    assert.not.match(text, /%/, `${field} has whole commands only`)
    return [field, text] as const
  })
  return JSON.stringify(Object.fromEntries(line))
}
