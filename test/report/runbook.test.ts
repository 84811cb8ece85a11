import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { corpus } from '../behavior/corpus.ts'
import type { Truth, TruthOutcome } from '../behavior/truth.ts'
import { everyMesh } from '../support/every-mesh.ts'
import { listAnchors, listTables } from '../support/markdown.ts'
import { compileEnvironment, environments } from '../support/specs.ts'

const runbooks = suite('report: runbook')

/** The signs of an outcome in a proxy's log. The runbook identifies an outcome by the flag and the words. */
interface Sign {
  readonly answer: string
  readonly flag: string
  readonly words: string
}

/**
 * Finds the sign of an outcome of real Envoys; undefined if there is no failure, or the caller has no proxy
 * with a log.
 */
function findSign({ route }: Truth, { verdict, cluster, status }: TruthOutcome): Sign | undefined {
  if (verdict === 'RESET' && cluster === 'BlackHoleCluster')
    return { answer: 'reset', flag: 'UH', words: 'BlackHoleCluster' }
  if (verdict === 'RESET') return { answer: 'reset', flag: 'NR', words: 'filter_chain_not_found' }
  if (verdict === 'DIRECT_RESPONSE' && route?.virtualHost === 'block_all')
    return { answer: '502', flag: '', words: 'block_all' }
  if (verdict === 'NO_ROUTE') return { answer: '404', flag: 'NR', words: 'route_not_found' }
  if (verdict === 'DENY' && status === 403) return { answer: '403', flag: '', words: 'rbac_access_denied' }
  if (verdict === 'UNAUTHENTICATED') return { answer: '401', flag: '', words: 'jwt_authn_access_denied' }
  return undefined
}

const getRunbook = (environment: string) =>
  [...compileEnvironment(environment).files()].find(({ path }) => path === 'docs/RUNBOOK.md')!.text

/** Returns the text under a heading, up to the next heading of the same or a higher level. */
function getSection(text: string, anchor: string): string {
  const sections = text.split(/^(?=## )/m)
  return sections.find(section => listAnchors(section)[0] === anchor) ?? ''
}

runbooks('every failure of real Envoys has a line and a section', () => {
  const seen = new Map<string, number>()
  for (const environment of environments) {
    const text = getRunbook(environment)
    const rows = listTables(text)
      .map(table => table.map(row => row.slice(1, -1).map(cell => cell.trim())))
      .find(([head]) => head?.[0] === 'answer')!
    const mesh = corpus.find(({ name }) => name === environment.replace('examples/', '').replaceAll('/', '-'))
    // The clusters of the bank are alike, so two of them are enough.
    if (mesh === undefined && environment === 'examples/bank/eu2') continue
    assert.ok(mesh, environment)
    const truths = readFileSync(join(mesh.home, 'truth.jsonl'), 'utf8').trim().split('\n').slice(1)
    for (const truth of truths.map(line => JSON.parse(line) as Truth))
      for (const outcome of truth.outcomes) {
        const sign = findSign(truth, outcome)
        if (sign === undefined) continue
        const { answer, flag, words } = sign
        const cells = [answer, flag === '' ? '' : `\`${flag}\``, `\`${words}\``]
        const row = rows.find(row => cells.every((cell, index) => row[index] === cell))
        assert.ok(row !== undefined, `${environment}: ${JSON.stringify(outcome)} has no line`)
        const anchor = /\]\(#([^)]+)\)/.exec(row.at(-1)!)?.[1] ?? ''
        assert.is.not(getSection(text, anchor), '', `${environment}: ${words}`)
        seen.set(words, (seen.get(words) ?? 0) + 1)
      }
  }
  for (const words of ['BlackHoleCluster', 'block_all', 'filter_chain_not_found', 'rbac_access_denied'])
    assert.ok((seen.get(words) ?? 0) > 10, `${words}: ${seen.get(words)}`)
})

runbooks('the section on undeclared calls names both fixes', () =>
  everyMesh(compilation => {
    const text = [...compilation.files()].find(({ path }) => path === 'docs/RUNBOOK.md')?.text
    if (text === undefined) return
    const isClosed = compilation.mesh.egress.value === 'registry-only'
    const section = getSection(text, 'the-call-is-not-declared')
    for (const word of ['`allow`', '`external`']) assert.ok(section.includes(word), word)
    for (const word of ['BlackHoleCluster', 'block_all']) assert.is(section.includes(word), isClosed, word)
    assert.is(section.includes('PassthroughCluster'), !isClosed)
    const alert = text.split(/^(?=##)/m).find(part => part.startsWith('### EgressBlocked'))
    if (alert === undefined) return
    for (const word of ['`allow`', '`external`', '#the-call-is-not-declared'])
      assert.ok(alert.includes(word), word)
  }),
)

runbooks.run()
