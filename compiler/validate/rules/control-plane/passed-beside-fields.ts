import { listPassed, listRuled } from '../../../mesh/passed-settings.ts'
import { placeAtKey } from '../../../mesh/spec-place.ts'
import { defineRule } from '../../rule.ts'

/** Two places for one setting: which of them holds would depend on an order that no reader sees. */
export const passedBesideFields = defineRule<{ setting: string; map: string; field: string }>(
  {
    code: 'MESH3470',
    severity: 'error',
    summary: 'A setting passes through only if no field of the spec sets it',
    message: p => `\`${p.setting}\` of \`${p.map}\` is a setting that \`${p.field}\` decides on`,
    help: p => `remove it, and set \`${p.field}\``,
  },
  function* (mesh, report) {
    for (const passed of listPassed(mesh))
      for (const { path, ruling } of listRuled(passed)) {
        if (!('setBy' in ruling)) continue
        const place = path.reduce((node, key) => node.at(key), passed.origin)
        yield report(placeAtKey(place), { setting: path.join('.'), map: passed.field, field: ruling.setBy })
      }
  },
)
