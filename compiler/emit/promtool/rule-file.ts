import { because, unwrap } from '../../mesh/sourced.ts'
import { type Manifest, type TextFile, tracedFile } from '../manifest.ts'
import { printYaml } from '../yaml.ts'

/** The rules of a PrometheusRule as Prometheus itself reads them: `promtool check rules prometheus/*.rules.yaml`. */
export const ruleFile = ({ name, tree }: Manifest): TextFile =>
  tracedFile(
    `prometheus/${ruleFileName(name)}`,
    `PromtoolRules/${name}`,
    `# For promtool: the PrometheusRule ${name} of manifests/.`,
    onScalar => printYaml(because(specOf(tree), tree), onScalar),
  )

export const ruleFileName = (name: string) => `${name}.rules.yaml`

/** The spec of a PrometheusRule, which every one has. */
const specOf = (tree: Manifest['tree']) => (unwrap(tree) as { readonly spec: unknown }).spec
