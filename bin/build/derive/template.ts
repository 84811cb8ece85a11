import ejs from 'ejs'

/** A template of `templates/`, and its result. */
interface TemplateModule {
  /** The text of the template. */
  readonly template: string
  /** The function that the module exports. */
  readonly name: string
  /** The type of the one value that the template sees, as `view`, and its module. */
  readonly view: { readonly type: string; readonly from: string }
  /** The module of the functions that form text, and which of them puts a value into it. */
  readonly form: { readonly from: string; readonly escape: string; readonly others: readonly string[] }
}

/**
 * A template as TypeScript: a function from its view to text. Nothing of EJS is left in it, so that a build loads no
 * template engine and reads no template, and the types of the view hold in the template too.
 */
export function compileTemplate({ template, name, view, form }: TemplateModule): string {
  const compiled = new ejs.Template(template, { strict: true, localsName: 'view', compileDebug: false })
  compiled.generateSource()
  const { source } = compiled
  const used = form.others.filter(word => new RegExp(`(?<![\\w.'"])${word}\\b`).test(source))
  return `${getImport([...used, `${form.escape} as escapeFn`], form.from)}
${getImport([`type ${view.type}`], view.from)}

export function ${name}(view: ${view.type}): string {
  let output = ''
  const __append = (text: string) => {
    output += text
  }
${source}  return output
}
`
}

const getImport = (names: readonly string[], from: string) => `import { ${names.join(', ')} } from '${from}'`
