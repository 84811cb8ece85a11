// Has Mermaid parse diagrams: a list of them as JSON on standard input, a list of what it says against each on standard output.
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { pathToFileURL } from 'node:url'

// From where the packages are installed.
const require = createRequire(`${process.cwd()}/`)
const { JSDOM } = require('jsdom')
const { window } = new JSDOM('')
globalThis.window = window
globalThis.document = window.document
const { default: mermaid } = await import(
  pathToFileURL(require.resolve('mermaid').replace(/mermaid\.core\.mjs$|mermaid\.js$/, 'mermaid.core.mjs'))
    .href
)

const answers = []
for (const diagram of JSON.parse(readFileSync(0, 'utf8'))) {
  // Mermaid draws a picture of an error where these are passed, and does not refuse to parse.
  const edges = diagram.split('\n').filter(line => line.includes('-->')).length
  if (diagram.length > 50_000 || edges > 500)
    answers.push(`${diagram.length} characters and ${edges} edges are too many`)
  else
    answers.push(
      await mermaid.parse(diagram).then(
        ({ diagramType }) => (diagramType.startsWith('flowchart') ? '' : `a ${diagramType}`),
        error => String(error.message),
      ),
    )
}
process.stdout.write(JSON.stringify(answers))
