import type { PrometheusRuleSpec } from '../../../schema/generated/prometheus-rule.ts'
import { type Manifest, type TextFile, textFile } from '../manifest.ts'
import { plainTree } from '../plain-tree.ts'
import { printYaml } from '../yaml.ts'

/** The rules of PrometheusRules as Prometheus itself reads them: `promtool check rules prometheus/*.rules.yaml`. */
export const ruleFile = (name: string, manifests: readonly Manifest[]): TextFile =>
  textFile(`prometheus/${ruleFileName(name)}`, () => {
    const groups = manifests.flatMap(({ tree }) => specOf(tree).groups)
    return `# For promtool; the cluster has these in manifests/.\n${printYaml({ groups })}`
  })

export const ruleFileName = (name: string) => `${name}.rules.yaml`

/** The spec of a PrometheusRule, which emitters make by its type and a patch leaves conforming. */
const specOf = (tree: Manifest['tree']) => (plainTree(tree) as { readonly spec: PrometheusRuleSpec }).spec
