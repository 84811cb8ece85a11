import { because, unwrap } from '../../mesh/sourced.ts'
import { type Manifest, makeTracedFile, type TextFile } from '../manifest.ts'
import { printYaml } from '../yaml.ts'

/** The rules of a PrometheusRule as Prometheus itself reads them: `promtool check rules prometheus/*.rules.yaml`. */
export const emitRuleFile = ({ name, tree }: Manifest): TextFile =>
  makeTracedFile(
    `prometheus/${nameRuleFile(name)}`,
    `PromtoolRules/${name}`,
    `# For promtool: the PrometheusRule ${name} of manifests/.`,
    onScalar => printYaml(because(getRuleSpec(tree), tree), onScalar),
  )

export const nameRuleFile = (name: string) => `${name}.rules.yaml`

/** The spec of a PrometheusRule, which every one has. */
const getRuleSpec = (tree: Manifest['tree']) => (unwrap(tree) as { readonly spec: unknown }).spec
