import { compile } from 'json-schema-to-typescript'
import { type JsonSchema, mapSchema } from '../../../schema/json-schema.ts'

/**
 * The TypeScript types of a target schema, all `readonly`. The parts that it takes from other schemas are
 * imported from their types.
 */
export async function generateTypes(schema: JsonSchema): Promise<string> {
  const title = String(schema['title'])
  const imports = new Map<string, Set<string>>()
  const types = await compile(fieldsOnly(schema, imports), title, {
    bannerComment: '',
    style: { semi: false, singleQuote: true, printWidth: 110 },
    unknownAny: true,
    // A file with only definitions has an empty root, which does not reach its definitions.
    unreachableDefinitions: schema['type'] === undefined,
  })
  const fields = schema['type'] === undefined ? withoutInterface(types, title) : types
  return `${importLines(imports)}${readonly(fields)}`
}

/** Keywords that say which values are good, not which fields there are. Types cannot say it, so the tool would guess. */
const constraints: ReadonlySet<string> = new Set([
  ...['allOf', 'anyOf', 'dependencies', 'else', 'if', 'not', 'oneOf', 'propertyNames', 'then'],
  ...['maxItems', 'maxProperties', 'minItems', 'minProperties'],
])

/** The schema without constraints. A part from another file becomes a name, which is noted in `imports`. */
function fieldsOnly(schema: JsonSchema, imports: Map<string, Set<string>>): JsonSchema {
  // First without the constraints, for which nothing need be imported.
  const unconstrained = mapSchema(schema, part =>
    Object.fromEntries(Object.entries(part).filter(([keyword]) => !constraints.has(keyword))),
  )
  return mapSchema(unconstrained, part => {
    const [, file, name] = /^([a-z-]+)\.json(?:#\/definitions\/(\w+))?$/.exec(String(part['$ref'])) ?? []
    if (file === undefined) return part
    const type = name ?? pascalCase(file)
    imports.set(file, (imports.get(file) ?? new Set()).add(type))
    return { tsType: type }
  })
}

const pascalCase = (name: string) =>
  name.replace(/(?:^|-)([a-z])/g, (_, letter: string) => letter.toUpperCase())

function importLines(imports: ReadonlyMap<string, ReadonlySet<string>>): string {
  const files = [...imports.keys()].sort()
  const lines = files.map(file => {
    const names = [...(imports.get(file) ?? [])].sort()
    return `import type {\n${names.map(name => `  ${name},\n`).join('')}} from './${file}.ts'\n`
  })
  return lines.length === 0 ? '' : `${lines.join('')}\n`
}

/** The types without the interface of this name and its comment. */
function withoutInterface(types: string, name: string): string {
  return types.replace(new RegExp(`\\n/\\*\\*(?:(?!\\*/)[^])*\\*/\\nexport interface ${name} {[^}]*}`), '')
}

/** Makes the changes that the tool cannot make itself: `readonly` everywhere, and no word of how it found each definition. */
function readonly(types: string): string {
  if (/[)}]\[\]/.test(types))
    throw new Error('a list of a target schema holds neither a plain type nor a definition')
  return types
    .replace(/ \*\n \* This interface was referenced by .*\n \* via the `definition` .*\n/g, '')
    .split('\n')
    .map(line => (/^\s*\/?\*/.test(line) ? line : readonlyLine(line)))
    .join('\n')
}

function readonlyLine(line: string): string {
  return line
    .replace(/(\w+)\[\]/g, 'readonly $1[]')
    .replace(/^ +(?=(\w+|'[^']+'|\[k: string\])\??: )/, '$&readonly ')
}
