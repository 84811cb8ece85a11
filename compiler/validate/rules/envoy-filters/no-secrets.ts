import { placeAt } from '../../../mesh/spec-place.ts'
import { defineRule } from '../../rule.ts'

export const noSecrets = defineRule<{ name: string }>(
  {
    code: 'MESH3701',
    severity: 'error',
    summary: 'A spec holds no Secret, since `out/` is committed to git',
    message: p => `the Secret \`${p.name}\` would be committed with \`out/\``,
    help: () => 'write an ExternalSecret or a SealedSecret, from which an operator makes the Secret',
  },
  function* ({ raw }, report) {
    for (const { kind, apiVersion, name, origin } of raw) {
      if (kind === 'Secret' && apiVersion === 'v1') yield report(placeAt(origin.at('kind')), { name })
    }
  },
)
