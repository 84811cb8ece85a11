import fc from 'fast-check'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { commentMarker, reviewMarkdown } from '../../compiler/review/render-markdown.ts'
import { reviewText } from '../../compiler/review/render-text.ts'
import type { Review } from '../../compiler/review/reviewed.ts'
import { reviews } from '../arbitraries/reviews.ts'
import { holds } from '../holds.ts'
import { readMarkdown } from '../support/read-markdown.ts'

const markdown = suite('a review as a comment')

/** The largest number of characters in a GitHub comment. */
const mostCharacters = 65_536

/** The kinds of nodes in a comment. */
const ownKinds = ['root', 'html', 'heading', 'paragraph', 'list', 'listItem', 'strong', 'text', 'inlineCode']

/**
 * Checks a law without shrinking: a large review shrinks to too many smaller reviews, so the first failure is
 * shown.
 */
const law = (check: (text: string, review: Review) => void) => () =>
  holds(
    fc.property(reviews, review => check(reviewMarkdown(review), review)),
    { endOnFailure: true },
  )

markdown('always fits, and is the same for the same review', () => {
  const seen = { cut: false, whole: false }
  law((text, review) => {
    assert.ok(text.length < mostCharacters, String(text.length))
    assert.is(reviewMarkdown(structuredClone(review)), text)
    seen[/and \d+ more|no room to tell/.test(text) ? 'cut' : 'whole'] = true
  })()
  assert.equal(seen, { cut: true, whole: true })
})

markdown(
  'has a first line that marks it, and that no text can write',
  law(text => {
    assert.ok(text.startsWith(`${commentMarker}\n`))
    assert.is(readMarkdown(text).html.filter(html => html.includes('meshc diff')).length, 1)
  }),
)

markdown(
  'is balanced, and shows each text of a spec as code',
  law(text => {
    const { kinds, html, prose } = readMarkdown(text)
    assert.equal(
      [...kinds].filter(kind => !ownKinds.includes(kind)),
      [],
    )
    assert.not.match(prose, /[`@\\[\]|#]|:\/\/|www\./)
    const tags = html.flatMap(part => part.match(/<!--.*?-->|<[^>]*>/gs) ?? [])
    const known = [commentMarker, '<details>', '<summary>', '</summary>', '</details>', '<code>', '</code>']
    assert.equal(
      tags.filter(tag => !known.includes(tag)),
      [],
    )
    const count = (tag: string) => tags.filter(written => written === tag).length
    for (const tag of ['details', 'summary', 'code']) assert.is(count(`<${tag}>`), count(`</${tag}>`))
  }),
)

markdown(
  'has only whole lines: a title, a sentence, an entry, or the number of omitted entries',
  law(text => {
    for (const line of text.split('\n')) assert.match(line, /^$|^<|^#{2,3} |^ *- |^\*\*|\.$/)
  }),
)

markdown(
  'names the gates of denied changes, at any length',
  law((text, { environments }) => {
    const gates = new Set(environments.flatMap(({ denied }) => denied.map(({ gate }) => gate)))
    for (const gate of gates) assert.ok(text.includes(`\`${gate}\``), gate)
  }),
)

markdown(
  'as text, it shows every environment, and no text of a spec moves the cursor',
  law((_text, review) => {
    const text = reviewText(review, false)
    // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what a terminal obeys
    assert.not.match(text, /[\u0000-\u0009\u000b-\u001f\u007f\u202e]/)
    assert.is(text.match(/ · /g) !== null, review.environments.length > 0)
  }),
)

markdown.run()
