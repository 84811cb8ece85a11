/** Where a project has its schema and a spec, and how the one names the other. */
export const schemaFile = 'schema/mesh.schema.json'
export const specFile = 'spec/prod/mesh.yaml'
export const modeline = '# yaml-language-server: $schema=../../schema/mesh.schema.json\n'
