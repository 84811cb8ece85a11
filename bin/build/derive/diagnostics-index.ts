import { catalogue } from '../../../compiler/catalogue.ts'
import { type ForeignCode, istioCodes, kialiCodes } from './foreign-codes.ts'

/** docs/diagnostics/README.md: every code of meshc, and the counterpart of every code of Istio's and Kiali's checkers. */
export function printDiagnosticsIndex(banner: string): string {
  return [
    `<!-- ${banner} -->`,
    '',
    '# Diagnostics',
    '',
    'Every finding of meshc has a code, and every code has a page: the rule, its reason, and a wrong and a right spec,',
    'which the tests compile. `meshc explain MESH3101` shows the page. The first digit names the stage: MESH1… is reading, MESH2…',
    'is the resolution of names, MESH3… is rules, MESH4… is manifests, MESH5… is suppressions and waivers. [Typical mistakes](../mistakes.md)',
    'lists frequent errors with their messages.',
    '',
    ...makeTable(
      ['code', 'must hold', 'covers'],
      catalogue.map(({ code, severity, summary, covers = [] }) => [
        `[${code}](${code}.md)`,
        severity === 'warning' ? `${summary} *(warning)*` : summary,
        covers.join(', '),
      ]),
    ),
    '',
    '## istioctl analyze',
    '',
    'What `istioctl analyze` of Istio 1.31 would find in what meshc writes, and how that is ruled out: *diagnostic*: meshc',
    'refuses its cause, or warns of it. *Language*: its cause cannot be said in a spec. *Construction*: meshc does not write it.',
    '*Partly*, where something is left that only the cluster knows. *No*, where it is not ruled out. Objects under `raw` are checked',
    'as far as a diagnostic names them.',
    '',
    ...foreign(istioCodes),
    '',
    '## Kiali',
    '',
    'The same for the validations of Kiali 2.30.',
    '',
    ...foreign(kialiCodes),
    '',
    '## Findings that meshc does not check',
    '',
    'Advice of Istio that needs the cluster, or a person: two replicas of istiod and of each gateway with a PodDisruptionBudget;',
    '`Strict-Transport-Security` from the services behind a gateway; keys of tokens that istiod can reach; annotations of pods that',
    'keep ports or addresses from the sidecar; headless Services; how many proxies before a gateway are trusted; an EnvoyFilter for',
    'one version only. What a patch makes of an object is held against the schema of its kind, and not against the rules; what',
    'stands in a raw object, only as far as a diagnostic above names it.',
    '',
  ].join('\n')
}

function foreign(codes: readonly ForeignCode[]): readonly string[] {
  return makeTable(
    ['code', 'finds', 'ruled out', 'by', 'how, or why not'],
    codes.map(({ code, finds, ruledOut, note }) => {
      const by = catalogue.filter(({ covers }) => covers?.includes(code))
      return [code, finds, ruledOut, by.map(({ code }) => `[${code}](${code}.md)`).join(', '), note]
    }),
  )
}

const makeTable = (head: readonly string[], rows: readonly (readonly string[])[]): readonly string[] =>
  [head, head.map(() => '---'), ...rows].map(cells => `| ${cells.join(' | ')} |`.replaceAll('|  |', '| |'))
