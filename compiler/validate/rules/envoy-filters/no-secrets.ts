import { placeAt } from '../../places.ts'
import { defineRule } from '../../rule.ts'

export const noSecrets = defineRule<{ name: string }>(
  {
    code: 'MESH3701',
    severity: 'error',
    summary: 'No Secret goes through a spec into git',
    message: p => `the Secret \`${p.name}\` would be committed with \`out/\``,
    help: () => 'let an operator make it: an ExternalSecret or SealedSecret may be passed through',
  },
  function* ({ raw }, report) {
    for (const { kind, apiVersion, name, origin } of raw) {
      if (kind === 'Secret' && apiVersion === 'v1') yield report(placeAt(origin.at('kind')), { name })
    }
  },
)
