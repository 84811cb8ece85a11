import { listPassed, listRuled } from '../../../mesh/passed-settings.ts'
import { placeAtKey } from '../../../mesh/spec-place.ts'
import { defineRule } from '../../rule.ts'

/** A setting that meshc does not follow makes its manifests and its answers wrong. */
export const followedSettings = defineRule<{ setting: string; map: string; why: string }>(
  {
    code: 'MESH3471',
    severity: 'error',
    summary: 'A setting passes through only if what meshc knows of the mesh still holds with it',
    message: p => `\`${p.setting}\` of \`${p.map}\` cannot pass through: ${p.why}`,
    help: () => 'remove it',
  },
  function* (mesh, report) {
    for (const passed of listPassed(mesh))
      for (const { path, ruling } of listRuled(passed)) {
        if (!('why' in ruling)) continue
        const place = path.reduce((node, key) => node.at(key), passed.origin)
        yield report(placeAtKey(place), { setting: path.join('.'), map: passed.field, why: ruling.why })
      }
  },
)
