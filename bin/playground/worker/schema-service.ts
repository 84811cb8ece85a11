import type { CompletionList, Hover, Position } from 'vscode-languageserver'
import type { TextDocument } from 'vscode-languageserver-textdocument'
import { yamlDocumentsCache } from 'yaml-language-server/out/src/languageservice/parser/yaml-documents.js'
import { YamlCompletion } from 'yaml-language-server/out/src/languageservice/services/yamlCompletion.js'
import { YAMLHover } from 'yaml-language-server/out/src/languageservice/services/yamlHover.js'
import { YAMLSchemaService } from 'yaml-language-server/out/src/languageservice/services/yamlSchemaService.js'
import type { JsonSchema } from '../../../schema/json-schema.ts'

/** Completion and hover by a schema, by the services of Red Hat's YAML extension. */
export interface SchemaService {
  complete(document: TextDocument, position: Position): Promise<CompletionList>
  hover(document: TextDocument, position: Position): Promise<Hover | null | undefined>
}

const address = 'mesh:schema'

/** Makes the service for a schema, which all files follow, also those that name a schema themselves. */
export function makeSchemaService(schema: JsonSchema): SchemaService {
  const text = JSON.stringify(schema)
  const schemas = new YAMLSchemaService(() => Promise.resolve(text), {
    resolveRelativePath: () => address,
  })
  schemas.registerExternalSchema(address, ['**/*.yaml', '**/*.yml'])
  const settings = { completion: true, hover: true, hoverSchemaSource: false, indentation: '  ' }
  const markdown = {
    textDocument: { completion: { completionItem: { documentationFormat: ['markdown' as const] } } },
  }
  const completion = new YamlCompletion(schemas, markdown, yamlDocumentsCache)
  completion.configure(settings)
  const hover = new YAMLHover(schemas)
  hover.configure(settings)
  return {
    complete: (document, position) => completion.doComplete(document, position),
    hover: (document, position) => hover.doHover(document, position),
  }
}
