/** The part of ejs that templates are compiled with; the package has no types. */
declare module 'ejs' {
  class Template {
    constructor(
      text: string,
      options: { readonly strict: boolean; readonly localsName: string; readonly compileDebug: boolean },
    )
    /** The body of the function that the template is, once `generateSource` made it. */
    readonly source: string
    generateSource(): void
  }
  const ejs: { readonly Template: typeof Template }
  export default ejs
}
