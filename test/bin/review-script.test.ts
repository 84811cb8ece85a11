import { spawnSync } from 'node:child_process'
import { chmodSync, existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { project, write } from '../support/project.ts'

const script = suite('scripts/review.sh')
const text = readFileSync(join(import.meta.dirname, '../../templates/init/scripts/review.sh'), 'utf8')

/** Stand-ins for the real programs: npx prints the output of meshc, and gh records its calls. */
const npx = `#!/usr/bin/env bash
echo "$*" >> "$TOLD/npx"
[ -n "$SAID" ] && echo "$SAID"
exit "$CODE"
`
const gh = `#!/usr/bin/env bash
case "$*" in
  *--paginate*) printf '%s' "$COMMENTS" ;;
  *) echo "$*" >> "$TOLD/gh" ;;
esac
`

interface Circumstances {
  readonly code: 0 | 1 | 2
  readonly said?: string
  /** The numbers of the existing comments, each on a line. */
  readonly comments?: string
  readonly mayComment?: boolean
}

function run({
  code,
  said: stated = '<!-- meshc diff -->',
  comments = '',
  mayComment = true,
}: Circumstances) {
  const folder = project({ 'scripts/review.sh': text, 'bin/npx': npx, 'bin/gh': gh })
  for (const path of ['scripts/review.sh', 'bin/npx', 'bin/gh']) chmodSync(join(folder, path), 0o755)
  write(folder, { 'told/nothing': '' })
  const { status, stderr } = spawnSync(join(folder, 'scripts/review.sh'), {
    encoding: 'utf8',
    env: {
      PATH: `${join(folder, 'bin')}:${process.env['PATH']}`,
      ...{ TOLD: join(folder, 'told'), SAID: stated, CODE: String(code), COMMENTS: comments },
      ...{
        RUNNER_TEMP: folder,
        GITHUB_STEP_SUMMARY: join(folder, 'summary.md'),
        GITHUB_REPOSITORY: 'shop/mesh',
      },
      ...{ BASE: 'HEAD^1', DENY: 'dead-route', PULL_REQUEST: '7', MAY_COMMENT: String(mayComment) },
    },
  })
  const read = (path: string) =>
    existsSync(join(folder, path))
      ? readFileSync(join(folder, path), 'utf8').replaceAll(folder, '.')
      : undefined
  return { status, stderr, asked: read('told/gh'), called: read('told/npx'), summary: read('summary.md') }
}

const body = '--field body=@./meshc-diff.md\n'

script('the script writes a change to a comment and to the summary of the run', () => {
  const { status, stderr, asked, called, summary } = run({ code: 2 })
  assert.is(status, 0, stderr)
  assert.is(called, '--no-install meshc diff --base HEAD^1 --deny dead-route --format markdown\n')
  assert.is(asked, `api --silent --method POST repos/shop/mesh/issues/7/comments ${body}`)
  assert.is(summary, '<!-- meshc diff -->\n')
})

script('the script changes an existing comment, the first of two', () => {
  const { status, asked } = run({ code: 2, comments: '41\n42\n' })
  assert.is(status, 0)
  assert.is(asked, `api --silent --method PATCH repos/shop/mesh/issues/comments/41 ${body}`)
})

script('without changes, the script writes no comment, but updates an earlier one', () => {
  assert.is(run({ code: 0 }).asked, undefined)
  assert.match(run({ code: 0, comments: '41' }).asked ?? '', '--method PATCH')
})

script('the script reports a denied change, and fails', () => {
  const { status, asked } = run({ code: 1 })
  assert.is(status, 1)
  assert.match(asked ?? '', '--method POST')
})

script('a fork has the summary only', () => {
  assert.equal(
    [2, 1].map(code => {
      const { status, asked, summary } = run({ code: code as 1 | 2, mayComment: false })
      return { status, asked, summary }
    }),
    [
      { status: 0, asked: undefined, summary: '<!-- meshc diff -->\n' },
      { status: 1, asked: undefined, summary: '<!-- meshc diff -->\n' },
    ],
  )
})

script('an error is no comment', () => {
  const { status, asked, summary } = run({ code: 1, said: '' })
  assert.equal({ status, asked, summary }, { status: 1, asked: undefined, summary: undefined })
})

script.run()
