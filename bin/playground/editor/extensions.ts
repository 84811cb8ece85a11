import { closeBrackets, closeBracketsKeymap, completionKeymap } from '@codemirror/autocomplete'
import { defaultKeymap, history, historyKeymap, indentWithTab } from '@codemirror/commands'
import { yaml } from '@codemirror/lang-yaml'
import {
  bracketMatching,
  foldGutter,
  foldKeymap,
  type IndentContext,
  indentOnInput,
  indentService,
  syntaxHighlighting,
} from '@codemirror/language'
import { lintGutter, lintKeymap } from '@codemirror/lint'
import { highlightSelectionMatches, search, searchKeymap } from '@codemirror/search'
import { EditorState, type Extension } from '@codemirror/state'
import {
  drawSelection,
  EditorView,
  highlightActiveLine,
  highlightActiveLineGutter,
  keymap,
  lineNumbers,
} from '@codemirror/view'
import { classHighlighter } from '@lezer/highlight'
import { styleNonce } from '../share/style-nonce.ts'
import { litLines } from './lit-lines.ts'
import { theme } from './theme.ts'

/** The extensions that every editor has, whether its text can be changed or not. */
const common: Extension = [
  EditorView.cspNonce.of(styleNonce),
  theme,
  lineNumbers(),
  foldGutter(),
  highlightActiveLine(),
  highlightActiveLineGutter(),
  drawSelection(),
  syntaxHighlighting(classHighlighter),
  highlightSelectionMatches(),
  search({ top: true }),
  litLines,
]

/** The extensions of an editor of specs. */
export const specExtensions = (label: string): Extension => [
  common,
  yaml(),
  history(),
  indentOnInput(),
  indentService.of(findIndent),
  bracketMatching(),
  closeBrackets(),
  lintGutter(),
  EditorState.tabSize.of(2),
  // A name with dashes is one word.
  EditorState.languageData.of(() => [{ wordChars: '-' }]),
  EditorView.contentAttributes.of({ 'aria-label': label, spellcheck: 'false', tabindex: '0' }),
  keymap.of([
    ...closeBracketsKeymap,
    ...defaultKeymap,
    ...searchKeymap,
    ...historyKeymap,
    ...foldKeymap,
    ...completionKeymap,
    ...lintKeymap,
    indentWithTab,
  ]),
]

/** The indentation of a new line: that of the line above, and two more columns after a key without a value. */
function findIndent(context: IndentContext, position: number): number {
  const { text } = context.lineAt(position, -1)
  const before = text.slice(0, Math.max(0, position - context.lineAt(position, -1).from))
  const columns = /^ */.exec(before)![0].length
  return /(:|[|>][+-]?)\s*(#.*)?$/.test(before) ? columns + (/^ *- /.test(before) ? 4 : 2) : columns
}

/** The extensions of a view of a built file, in which the cursor moves and the text stays. */
export const manifestExtensions = (path: string): Extension => [
  common,
  ...(/\.(ya?ml|lock)$/.test(path) ? [yaml()] : []),
  EditorState.readOnly.of(true),
  EditorView.contentAttributes.of({ 'aria-label': path, 'aria-readonly': 'true', tabindex: '0' }),
  keymap.of([...defaultKeymap, ...searchKeymap, ...foldKeymap]),
]
