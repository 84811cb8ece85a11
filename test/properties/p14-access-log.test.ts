import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { at, everyMesh, listAt, ofKind } from './subject.ts'

const p14 = suite('P14 access log')

const fields = [
  'start_time',
  'method',
  'path',
  'protocol',
  'authority',
  'response_code',
  'response_flags',
  'response_code_details',
  'duration',
  'bytes_received',
  'bytes_sent',
  'upstream_host',
  'upstream_cluster',
  'route_name',
  'peer_identity',
  'request_id',
  'traceparent',
]

/** What Envoy makes of a command that has an answer: a number, or any text, such as one with quotes. */
const answer = (command: string) =>
  /^%(RESPONSE_CODE|DURATION|BYTES_(RECEIVED|SENT))%$/.test(command) ? 200 : 'a "b" \\ c'

p14('P14: a line of the access log is JSON and has the fields, where the log is JSON', () =>
  everyMesh(({ spec, objects, operator, istiod }) => {
    const form = spec.observability?.accessLog ?? 'json'
    const [telemetry] = ofKind(objects, 'Telemetry')
    const [logging, ...others] = listAt(telemetry?.spec, 'accessLogging')
    assert.is(others.length, 0)
    for (const config of [at(operator, 'meshConfig'), at(istiod, 'meshConfig')]) {
      // This switch would write every line twice.
      assert.is(at(config, 'accessLogFile'), '')
      const logs = listAt(config, 'extensionProviders').filter(one => at(one, 'envoyFileAccessLog'))
      if (form === 'off') {
        assert.equal(logging, { disabled: true })
        assert.is(logs.length, 0)
        continue
      }
      assert.is(logs.length, 1)
      assert.equal(logging, { providers: [{ name: at(logs[0], 'name') }] })
      assert.is(at(logs[0], 'envoyFileAccessLog', 'path'), '/dev/stdout')
      const labels = at(logs[0], 'envoyFileAccessLog', 'logFormat', 'labels')
      if (form === 'text') {
        assert.is(labels, undefined)
        continue
      }
      const commands = Object.entries(labels as Readonly<Record<string, string>>)
      for (const [field, command] of commands)
        assert.match(command, /^%[A-Z0-9_]+(\([-A-Z0-9_:?]+\))?%$/, field)
      const line = JSON.stringify(
        Object.fromEntries(commands.map(([field, command]) => [field, answer(command)])),
      )
      const read = JSON.parse(line) as object
      for (const field of fields) assert.ok(Object.hasOwn(read, field), field)
    }
  }),
)

p14.run()
