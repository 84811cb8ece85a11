import { documentNames } from '../../../mesh/document-names.ts'
import { defineRule } from '../../rule.ts'

/** On many file systems, names that differ only in case are one file. */
export const distinctDocuments = defineRule<{ name: string; taken: string }>(
  {
    code: 'MESH3481',
    severity: 'error',
    summary: 'Documents have names that differ in more than case',
    message: p => `the document \`${p.name}\` has the name of \`${p.taken}\` in another case`,
    help: p => `name it \`${p.taken}\` to replace that document, or give it another name`,
  },
  function* ({ delivery: { documents } }, report) {
    const taken = new Map<string, string>(documentNames.map(name => [name.toLowerCase(), name]))
    for (const { name, origin } of documents) {
      const before = taken.get(name.toLowerCase())
      if (before === undefined) taken.set(name.toLowerCase(), name)
      else if (before !== name) yield report({ path: origin.path, part: 'key' }, { name, taken: before })
    }
  },
)
