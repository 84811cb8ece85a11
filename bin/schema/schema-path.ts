/** The path in a project of the schema that its specs and the settings of its editor name. */
export const schemaFile = 'schema/mesh.schema.json'
