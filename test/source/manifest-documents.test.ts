import fc from 'fast-check'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { stringify } from 'yaml'
import { readManifestDocuments } from '../../compiler/source/manifest-documents.ts'
import { manifests as drawnManifests } from '../arbitraries/manifests/manifests.ts'
import { holds } from '../holds.ts'

const manifests = suite('manifests as text')

manifests('the reader reads the output of another YAML printer unchanged', () =>
  holds(
    fc.property(drawnManifests({ services: 4 }), ({ objects }) => {
      const text = objects.map(object => stringify(object, { version: '1.1' })).join('---\n')
      const read = readManifestDocuments('all.yaml', text)
      assert.equal('documents' in read ? read.documents.map(({ value }) => value) : read, objects)
    }),
  ),
)

manifests('documents are read as kubectl reads them, each part with its line', () => {
  const read = readManifestDocuments(
    'shop.yaml',
    [
      '# two objects, and documents that hold nothing',
      '---',
      'kind: Service',
      'metadata: { name: web }',
      'spec:',
      '  <<: { type: ClusterIP }',
      '  publishNotReadyAddresses: yes',
      '---',
      '---',
      'kind: VirtualService',
      'spec:',
      '  hosts:',
      '    - web',
      '    - "8080:80"',
    ].join('\n'),
  )
  if (!('documents' in read)) throw new Error('it is YAML')
  assert.equal(
    read.documents.map(({ value, file, line }) => ({ value, file, line })),
    [
      {
        file: 'shop.yaml',
        line: 3,
        value: {
          kind: 'Service',
          metadata: { name: 'web' },
          spec: { type: 'ClusterIP', publishNotReadyAddresses: true },
        },
      },
      {
        file: 'shop.yaml',
        line: 10,
        value: { kind: 'VirtualService', spec: { hosts: ['web', '8080:80'] } },
      },
    ],
  )
  const [, route] = read.documents
  assert.is(route?.lineOf(['spec', 'hosts', 1]), 14)
  assert.is(route?.lineOf(['spec', 'hosts', 1, 'nothing']), 14)
  assert.is(route?.lineOf(['spec', 'http']), 11)
})

manifests('invalid YAML is reported with its place', () => {
  assert.equal(readManifestDocuments('shop.yaml', 'kind: [Service\nmetadata:\n'), {
    fault: { line: 2, column: 1, reason: 'this is no YAML: deficient indentation' },
  })
})

manifests.run()
