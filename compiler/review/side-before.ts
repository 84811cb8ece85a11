import { readRecord } from '../../schema/json-schema.ts'
import type { ManifestObject } from '../behavior/manifest-object.ts'
import { isMap } from '../source/document.ts'
import type { Side, SideFile } from './side.ts'

/**
 * Makes the side that a new environment is compared with: nothing runs and nothing is deployed, but a control plane with the
 * settings that the environment has, save one: proxies send nothing to hosts that they do not know. Whatever gets through
 * afterwards is then opened. Without that mode, which is not Istio's default, every host would have been reached before. See
 * https://istio.io/latest/docs/reference/config/istio.mesh.v1alpha1/#MeshConfig-OutboundTrafficPolicy-Mode
 *
 * @param name the name of the side: the revision
 */
export function makeSideBefore(name: string, after: Side): Side {
  const operators = after.files.flatMap(file => {
    const objects = file.objects.filter(({ value }) => isMap(value) && value['kind'] === 'IstioOperator')
    return objects.length === 0 ? [] : [{ ...file, objects: objects.map(closed) }]
  })
  const files = operators.length === 0 ? [noOperator] : operators
  return { name, files, beside: [], spec: undefined, version: undefined }
}

function closed({ value, file, line }: ManifestObject): ManifestObject {
  const [operator, spec] = [readRecord(value), readRecord(readRecord(value)['spec'])]
  const meshConfig = { ...readRecord(spec['meshConfig']), outboundTrafficPolicy: { mode: 'REGISTRY_ONLY' } }
  return { value: { ...operator, spec: { ...spec, meshConfig } }, file, line, lineOf: () => line }
}

const operatorPath = 'istio/istio-operator.yaml'

const noOperator: SideFile = {
  path: operatorPath,
  objects: [
    closed({
      value: {
        apiVersion: 'install.istio.io/v1alpha1',
        kind: 'IstioOperator',
        metadata: { name: 'nothing', namespace: 'istio-system' },
      },
      file: operatorPath,
      line: 1,
      lineOf: () => 1,
    }),
  ],
  isForCluster: true,
  isMade: false,
}
