import { defineDiagnostic } from '../diagnostics/diagnostic.ts'
import { findOnlyNear, suggestName } from '../diagnostics/suggest.ts'
import { writeInstead } from '../diagnostics/write-instead.ts'
import { explainMissingField, translateFromIstio } from './words-of-istio.ts'

/** Diagnostics of reading: MESH1xxx. */
export const syntaxError = defineDiagnostic<{ reason: string; help: string }>({
  code: 'MESH1001',
  severity: 'error',
  summary: 'A spec is well-formed YAML',
  message: p => `this is not YAML: ${p.reason}`,
  help: p => p.help,
})

export const duplicateKey = defineDiagnostic<{ key: string }>({
  code: 'MESH1002',
  severity: 'error',
  summary: 'A map sets each key once',
  message: p => `\`${p.key}\` is set twice in one map`,
  help: () => 'keep one of the two',
})

export const unsupportedYaml = defineDiagnostic<{ construct: string; help?: string }>({
  code: 'MESH1003',
  severity: 'error',
  summary: 'A spec uses plain YAML: one document, no tags, no merge keys, no unbounded aliases',
  message: p => `a spec cannot use ${p.construct}`,
  help: p => p.help ?? 'write the value out; to share values between environments, use `extends`',
})

export const tooLarge = defineDiagnostic<{ than: '64 MiB' | '3 million values' }>({
  code: 'MESH1004',
  severity: 'error',
  summary: 'A spec file is no larger than 64 MiB, or 3 million values',
  message: p => `this file is larger than ${p.than}`,
  help: () => 'split it with `include`',
})

export const unreadable = defineDiagnostic<{ file: string; reason: string }>({
  code: 'MESH1005',
  severity: 'error',
  summary: 'Every file that a spec extends or includes can be read',
  message: p => `\`${p.file}\` cannot be read: ${p.reason}`,
  help: p => (p.reason.includes('no such') ? 'paths are relative to the file that names them' : undefined),
})

export const outsideProject = defineDiagnostic<{ file: string }>({
  code: 'MESH1006',
  severity: 'error',
  summary: 'A spec names files inside the project only',
  message: p => `\`${p.file}\` is outside the project`,
  help: () => 'move the file below the folder that holds `spec/`',
})

export const extendsCycle = defineDiagnostic<{ chain: readonly string[] }>({
  code: 'MESH1007',
  severity: 'error',
  summary: 'The layers of a spec form no cycle',
  message: p => `\`extends\` forms a cycle: ${p.chain.join(' → ')}`,
  help: () => 'remove one of these `extends`',
})

export const includedTwice = defineDiagnostic<{ section: string; key: string }>({
  code: 'MESH1008',
  severity: 'error',
  summary: 'A key is set in one file of a layer only',
  message: p => `\`${p.section}.${p.key}\` is set in two files of one layer`,
  help: () =>
    'files of one layer do not override each other: keep one, or move one to a file that `extends` this layer',
})

export const includeForbids = defineDiagnostic<{ section: string }>({
  code: 'MESH1009',
  severity: 'error',
  summary: 'An included file holds services, external and expect only',
  message: p => `an included file cannot set \`${p.section}\``,
  help: () => 'move it to the mesh.yaml that includes this file',
})

export const includesNothing = defineDiagnostic<{ pattern: string }>({
  code: 'MESH1010',
  severity: 'error',
  summary: 'Every include pattern matches a file',
  message: p => `no file matches \`${p.pattern}\``,
  help: () => 'patterns are relative to this file; `*` stands for any part of a file name',
})

export const unknownField = defineDiagnostic<{
  field: string
  legal: readonly string[]
  /** The probable field, if the value fits it and the map does not have it. */
  meant: string | undefined
  /** The number of further unknown fields of the same map, which are not reported. */
  untold: number
}>({
  code: 'MESH1011',
  severity: 'error',
  summary: 'A spec has only the fields of its schema',
  message: p => `unknown field \`${p.field}\`${p.untold === 0 ? '' : `, and ${p.untold} more behind it`}`,
  help: p =>
    translateFromIstio(p.field, p.legal) ??
    explainMissingField(p.field) ??
    suggestName(p.field, p.legal) ??
    `the fields here are ${p.legal.join(', ')}`,
  fix: (p, at) => writeInstead(at, p.meant),
})

export const wrongType = defineDiagnostic<{
  field: string
  expected: string
  actual: string
  example?: string
  /** The advice, where more is known than an example tells. */
  help?: string
}>({
  code: 'MESH1012',
  severity: 'error',
  summary: 'A field holds the type of value that its schema names',
  message: p => `\`${p.field}\` is ${p.actual}, not ${p.expected}`,
  help: p => p.help ?? (p.example === undefined ? undefined : `write it like \`${p.example}\``),
})

export const wrongValue = defineDiagnostic<{
  field: string
  value: string
  expected: string
  example?: string
}>({
  code: 'MESH1013',
  severity: 'error',
  summary: 'A value has the form that its field asks for',
  covers: ['IST0106'],
  message: p => `\`${p.value}\` is not ${p.expected}`,
  help: p => (p.example === undefined ? undefined : `write it like \`${p.example}\``),
})

export const unknownWord = defineDiagnostic<{ field: string; value: string; legal: readonly string[] }>({
  code: 'MESH1014',
  severity: 'error',
  summary: 'A field that chooses among words holds one of them',
  message: p => `\`${p.value}\` is not a value of \`${p.field}\``,
  help: p => suggestName(p.value, p.legal),
  fix: (p, at) => writeInstead(at, findOnlyNear(p.value, p.legal)),
})

export const missingField = defineDiagnostic<{
  field: string
  example?: string
  /** True if the entry may belong to the entry above. */
  isDashToo?: boolean
}>({
  code: 'MESH1015',
  severity: 'error',
  summary: 'A list entry has its required fields',
  message: p => `\`${p.field}\` is missing here`,
  help: p => {
    const example = p.example === undefined ? undefined : `for example \`${p.example}\``
    if (!p.isDashToo) return example
    return `remove the dash if this belongs to the entry above${example === undefined ? '' : `; otherwise add the field, ${example}`}`
  },
})

export const unitMissing = defineDiagnostic<{
  field: string
  value: string
  unit: string
  example: string
  /** True if no other unit can be meant. */
  isOnly: boolean
}>({
  code: 'MESH1016',
  severity: 'error',
  summary: 'A quantity names its unit',
  message: p => `\`${p.field}: ${p.value}\` has no unit: the field takes ${p.unit}`,
  help: p => `write \`${p.example}\``,
  fix: (p, at) => writeInstead(at, p.isOnly ? p.example : undefined),
})

export const notASpec = defineDiagnostic<{ actual: string }>({
  code: 'MESH1017',
  severity: 'error',
  summary: 'A spec is a map that begins with `meshc: v1`',
  message: p => `this file is ${p.actual}, not a spec`,
  help: () => 'a spec begins with `meshc: v1` and `mesh: <name>`',
})

export const unquoted = defineDiagnostic<{ field: string; actual: string }>({
  code: 'MESH1018',
  severity: 'error',
  summary: 'A text that reads as a number, or as true or false, stands in quotes',
  message: p => `\`${p.field}\` is ${p.actual}, not text`,
  help: () => 'put it in quotes',
  fix: (_, at) => ({ title: 'put it in quotes', edits: [{ change: 'quote', at }] }),
})

export const unquotedStar = defineDiagnostic<{ alias: string }>({
  code: 'MESH1019',
  severity: 'error',
  summary: 'A text that begins with `*` stands in quotes',
  message: p => `\`${p.alias}\` is read as an alias, but no anchor has this name`,
  help: () => 'put it in quotes',
  fix: (p, at) => ({
    title: 'put it in quotes',
    edits: [{ change: 'replace', at, text: JSON.stringify(p.alias) }],
  }),
})

export const emptyValue = defineDiagnostic<{ field: string; isEntry: boolean }>({
  code: 'MESH1022',
  severity: 'warning',
  summary: 'An empty field removes a value that a lower layer sets',
  message: p => `\`${p.field}\` is empty, but no lower layer sets a value for it to remove`,
  help: p => (p.isEntry ? 'give it fields, or remove the line' : 'give it a value, or remove the line'),
})

export const misplacedClusters = defineDiagnostic<object>({
  code: 'MESH1023',
  severity: 'error',
  summary: 'The clusters of an environment are declared in its own mesh.yaml',
  message: () => '`clusters` is not declared here, but in the mesh.yaml of the environment',
  help: () =>
    'move it into `spec/<environment>/mesh.yaml`, which commands read to learn what there is to build',
})

export const sharedByClusters = defineDiagnostic<{ field: string; kind?: string; base: string }>({
  code: 'MESH1024',
  severity: 'error',
  summary: 'The file of a cluster sets nothing that all clusters share',
  message: p =>
    p.kind === undefined
      ? `\`${p.field}\` is the same in every cluster, and this file is about one of them`
      : `\`${p.field}\` has other entries for ${p.kind} than \`${p.base}\`, and who may call is the same in every cluster`,
  help: p =>
    p.kind === undefined
      ? `move it into \`${p.base}\``
      : `write these entries into \`${p.base}\`, and the same ones here`,
})

export const environmentName = defineDiagnostic<{ folder: string }>({
  code: 'MESH1021',
  severity: 'error',
  summary: 'The folder of an environment has a plain name',
  message: p => `\`${p.folder}\` is not a valid name for the folder of an environment`,
  help: () =>
    'rename it: letters, digits, dots and dashes, a letter or digit first and last, at most 63 characters',
})

export const hiddenCharacter = defineDiagnostic<{ character: string }>({
  code: 'MESH1035',
  severity: 'error',
  summary: 'A spec has no invisible characters',
  message: p => {
    const number = p.character.codePointAt(0)!.toString(16).toUpperCase().padStart(4, '0')
    return `here is the character U+${number}, which ${getEffect(p.character)}`
  },
  help: () =>
    'remove it; objects under `raw` and `patches` may hold it, written as an escape between double quotes',
})

function getEffect(character: string): string {
  if (/[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/.test(character))
    return 'changes the order in which the text around it is shown'
  if (/\p{Cc}/u.test(character)) return 'controls a terminal'
  return /\p{Cs}/u.test(character) ? 'is half of a character' : 'is invisible'
}

/** Every diagnostic of this pass, in the order of their codes. */
export const sourceDiagnostics = [
  syntaxError,
  duplicateKey,
  unsupportedYaml,
  tooLarge,
  unreadable,
  outsideProject,
  extendsCycle,
  includedTwice,
  includeForbids,
  includesNothing,
  unknownField,
  wrongType,
  wrongValue,
  unknownWord,
  missingField,
  unitMissing,
  notASpec,
  unquoted,
  unquotedStar,
  environmentName,
  emptyValue,
  misplacedClusters,
  sharedByClusters,
  hiddenCharacter,
] as const
