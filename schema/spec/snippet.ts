/**
 * A text that an editor writes: see https://code.visualstudio.com/docs/languages/json#_define-snippets-in-json-schemas.
 * `body` is the YAML as data, with `${1:placeholders}`; a text in it may be YAML on one line. A name with a map below it must
 * not have a `-`: the language server of YAML would take it for an entry of a list, and indent the map once more.
 */
export interface Snippet {
  readonly label: string
  readonly description: string
  readonly body: Readonly<Record<string, unknown>>
}
