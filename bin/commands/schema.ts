import { runSchema } from '../answers/index.ts'
import type { Command } from '../cli/command.ts'
import { projectOption } from '../cli/shared-options.ts'
import { ownFileName } from '../manifests/own-file-name.ts'
import { schemaFile } from '../schema/schema-path.ts'

/** Prints the JSON Schema of mesh.yaml, for an editor; or writes one that has the names of a project. */
export const schema: Command = {
  name: 'schema',
  summary: 'Print the JSON Schema of mesh.yaml, for your editor',
  options: [
    { flag: '--output <file>', values: 'files', summary: 'Write the schema to a file instead' },
    { flag: '--workspace', summary: `Write the schema to ${schemaFile}, with the names of this project` },
    {
      flag: '--manifests',
      summary: `Print the schema of ${ownFileName}, the file for a folder of manifests`,
    },
    projectOption,
  ],
  example: 'meshc schema --workspace',
  exitCodes: {
    0: 'the schema is printed or written',
    2: 'the call is wrong, or a file cannot be read or written',
  },
  run: runSchema,
}
