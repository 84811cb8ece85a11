import { listSettingFaults } from '../../../../schema/istio-settings.ts'
import type { SpecPath } from '../../../diagnostics/diagnostic.ts'
import { isPathWithin } from '../../../diagnostics/is-path-within.ts'
import { suggestName } from '../../../diagnostics/suggest.ts'
import { listPassed, listRuled, type Passed } from '../../../mesh/passed-settings.ts'
import { placeAt, placeAtKey } from '../../../mesh/spec-place.ts'
import { defineRule } from '../../rule.ts'

/** istiod drops an unknown field, and does not start if a value has another type. */
export const passedShapes = defineRule<{ setting: string; map: string; fault: string; help: string }>(
  {
    code: 'MESH4020',
    severity: 'error',
    summary: 'A setting that passes through is one of Istio, and has a value of its type',
    message: p => `\`${p.setting}\` of \`${p.map}\` ${p.fault}`,
    help: p => p.help,
  },
  function* (mesh, report) {
    for (const passed of listPassed(mesh)) {
      const ruled = [...listRuled(passed)].map(({ path }) => path)
      for (const { path, isKey, fault, misspelt, help } of listSettingFaults(passed.settings, passed.value)) {
        if (ruled.some(around => isPathWithin(path, around))) continue
        const place = path.reduce((node, key) => node.at(key), passed.origin)
        yield report(isKey ? placeAtKey(place) : placeAt(place), {
          setting: nameSetting(path),
          map: passed.field,
          fault,
          help: help ?? (misspelt && suggestName(misspelt.word, misspelt.words)) ?? referTo(passed),
        })
      }
    }
  },
)

/** `defaultConfig.proxyHeaders`, `serviceSettings[0].hosts`. */
const nameSetting = (path: SpecPath): string =>
  path
    .map(key => (typeof key === 'number' ? `[${key}]` : `.${key}`))
    .join('')
    .slice(1)

const referTo = ({ settings }: Passed): string =>
  ({
    meshConfig: 'https://istio.io/latest/docs/reference/config/istio.mesh.v1alpha1/ lists the fields',
    values: '`helm show values istiod` lists the values',
    gatewayValues: '`helm show values gateway` lists the values',
  })[settings]
