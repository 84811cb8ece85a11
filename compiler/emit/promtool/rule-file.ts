import type { PrometheusRuleSpec } from '../../../schema/generated/prometheus-rule.ts'
import { type Manifest, type TextFile, textFile } from '../manifest.ts'
import { plainTree } from '../plain-tree.ts'
import { printYaml } from '../yaml.ts'

/** The rules of a PrometheusRule as Prometheus itself reads them: `promtool check rules prometheus/*.rules.yaml`. */
export const ruleFile = ({ name, tree }: Manifest): TextFile =>
  textFile(
    `prometheus/${ruleFileName(name)}`,
    () => `# For promtool: the PrometheusRule ${name} of manifests/.\n${printYaml(specOf(tree))}`,
  )

export const ruleFileName = (name: string) => `${name}.rules.yaml`

/** The spec of a PrometheusRule, which emitters make by its type and a patch leaves conforming. */
const specOf = (tree: Manifest['tree']) => (plainTree(tree) as { readonly spec: PrometheusRuleSpec }).spec
