import { usualLimits } from '../../../compiler/behavior/budget.ts'
import { compile } from '../../../compiler/compile.ts'
import type { PageData } from '../../../compiler/map/page-data.ts'
import { reviewEnvironment } from '../../../compiler/review/index.ts'
import type { Workspace } from '../../../compiler/source/load.ts'
import { makeCompiledSide } from '../../diff/sides.ts'
import { projectWorkspace } from '../../files/workspace.ts'
import { makeReviewData } from '../../map/print-review-page.ts'
import type { Compiled } from '../../project/compile-environments.ts'
import { makeEnvironment } from '../../project/environments.ts'

const exampleName = 'examples/bookinfo'

/** The edits of the reviewed change: a text of the spec, and the text in its place. */
const edits: readonly (readonly [from: string, to: string])[] = [
  ['traffic: { v1: 80%, v3: 20% }', 'traffic: { v1: 50%, v3: 50% }'],
  ['methods: [GET, POST]', 'methods: [GET]'],
  ['paths: [/details/*]', 'paths: [/details/*]\n      - { from: ratings, methods: [GET] }'],
]

/** Makes the page of a review of a change of an example. */
export function makeReviewedExample(): PageData {
  const workspace = projectWorkspace(process.cwd())
  const sides = {
    before: makeCompiledSide('main', compileExample(exampleName, workspace)),
    after: makeCompiledSide('a change', compileExample(exampleName, editWorkspace(workspace))),
  }
  const review = reviewEnvironment(exampleName, sides.before, sides.after)
  return {
    ...makeReviewData(
      { before: 'main', environments: [{ name: exampleName, review, denied: [], waived: [], unused: [] }] },
      [{ sides }],
      usualLimits,
      () => {},
    ),
    meshc: '',
  }
}

/** Compiles an environment of this repository. */
export function compileExample(environment: string, workspace: Workspace): Compiled {
  const made = makeEnvironment(environment)
  const result = compile(made.entry, workspace)
  if (!result.ok) throw new Error(`${made.entry} does not compile`)
  return { environment: made, compilation: result.value, sources: result.sources }
}

/** Makes the same workspace with the edits in the spec. */
function editWorkspace(workspace: Workspace): Workspace {
  const read: Workspace['read'] = path => {
    const content = workspace.read(path)
    return path === makeEnvironment(exampleName).entry && 'text' in content
      ? { text: edit(content.text) }
      : content
  }
  return { ...workspace, read }
}

function edit(text: string): string {
  return edits.reduce((edited, [from, to]) => {
    if (!edited.includes(from)) throw new Error(`the spec of ${exampleName} has no \`${from}\``)
    return edited.replace(from, to)
  }, text)
}
