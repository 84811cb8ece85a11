import settings from './istio-settings.json' with { type: 'json' }
import { listFaults, type Shape, type ShapeFault, type Shapes } from './shapes.ts'

/** The settings of Istio that a spec passes through: MeshConfig, and the values of the charts `istiod` and `gateway`. */
export type PassedSettings = 'meshConfig' | 'values' | 'gatewayValues'

/** Lists the faults of settings against the messages and charts that they are for. */
export function listSettingFaults(passed: PassedSettings, value: unknown): Iterable<ShapeFault> {
  const { shapes, root } = getSettingShapes(passed)
  return listFaults(shapes, root, value, [])
}

/** The shape of settings, and those that it refers to. */
export function getSettingShapes(passed: PassedSettings): { readonly shapes: Shapes; readonly root: Shape } {
  // The file is made in this form: see test/oracle/istio/cmd/settings.
  const shapes = settings.shapes as Shapes
  return { shapes, root: shapes[settings.roots[passed]]! }
}
