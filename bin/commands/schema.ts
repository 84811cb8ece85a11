import { readFileSync, writeFileSync } from 'node:fs'
import { resolve } from 'node:path'
import type { Command } from '../command.ts'
import { attempt } from '../failure.ts'
import { packageFile } from '../package.ts'

/** Prints the JSON Schema of mesh.yaml, for an editor. */
export const schema: Command = {
  name: 'schema',
  summary: 'Print the JSON Schema of mesh.yaml, for your editor',
  options: [{ flag: '--output <file>', values: 'files', summary: 'Write it to a file instead' }],
  example: 'meshc schema --output mesh.schema.json',
  run({ options, console }) {
    const text = attempt('the schema cannot be read', () =>
      readFileSync(packageFile('schema/mesh.schema.json'), 'utf8'),
    )
    const file = options.word('output')
    if (file === undefined) console.print(text.trimEnd())
    else attempt(`\`${file}\` cannot be written`, () => writeFileSync(resolve(file), text))
    return 0
  },
}
