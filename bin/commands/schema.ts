import { writeFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { counted } from '../../compiler/diagnostics/counted.ts'
import { type Command, projectOption } from '../command.ts'
import type { Console } from '../console.ts'
import { attempt, Failure } from '../failure.ts'
import { openProject } from '../project.ts'
import { currentSchema, packageSchema, schemaFile, schemaState, writeSchema } from '../schema/schema-file.ts'

/** Prints the JSON Schema of mesh.yaml, for an editor; or writes one that has the names of a project. */
export const schema: Command = {
  name: 'schema',
  summary: 'Print the JSON Schema of mesh.yaml, for your editor',
  options: [
    { flag: '--output <file>', values: 'files', summary: 'Write it to a file instead' },
    { flag: '--workspace', summary: `Write it to ${schemaFile}, with the names of this project` },
    projectOption,
  ],
  example: 'meshc schema --workspace',
  run({ options, console }) {
    const file = options.word('output')
    if (options.has('workspace')) return writeWorkspaceSchema(options.word('project'), file, console)
    const text = packageSchema()
    if (file === undefined) console.printDocument(text.trimEnd())
    else attempt(`\`${file}\` cannot be written`, () => writeFileSync(resolve(file), text))
    return 0
  },
}

function writeWorkspaceSchema(folder: string | undefined, file: string | undefined, console: Console): 0 {
  if (file !== undefined)
    throw new Failure(
      '`--workspace` and `--output` are given both',
      `\`--workspace\` writes ${schemaFile}, where \`meshc build\` finds it and keeps it fresh`,
    )
  const project = openProject(folder)
  const there = schemaState(project)
  if (there?.isFresh === true) {
    console.print(`${schemaFile} is up to date`)
    return 0
  }
  const current = there ?? currentSchema(project)
  writeSchema(project, current)
  const { services, gateways, externals } = current.names
  const counts = [
    counted(services.size, 'service'),
    counted(gateways.size, 'gateway'),
    counted(externals.size, 'external system'),
  ]
  console.print(`wrote ${schemaFile} with the names of ${counts.join(', ')}`)
  return 0
}
