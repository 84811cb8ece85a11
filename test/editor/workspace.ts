/** The paths of the schema and of a spec in a project, and the line by which the spec names the schema. */
export const schemaFile = 'schema/mesh.schema.json'
export const specFile = 'spec/prod/mesh.yaml'
export const modeline = '# yaml-language-server: $schema=../../schema/mesh.schema.json\n'
