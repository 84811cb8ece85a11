import settings from './istio-settings.json' with { type: 'json' }
import { listFaults, type ShapeFault, type Shapes } from './shapes.ts'

/** The settings of Istio that a spec passes through: MeshConfig, and the values of the chart `istiod`. */
export type PassedSettings = 'meshConfig' | 'values'

/** Lists the faults of settings against the messages that istiod and istioctl decode them with. */
export function listSettingFaults(passed: PassedSettings, value: unknown): Iterable<ShapeFault> {
  // The file is made in this form: see test/oracle/istio/cmd/settings.
  const shapes = settings.shapes as Shapes
  return listFaults(shapes, shapes[settings.roots[passed]]!, value, [])
}
