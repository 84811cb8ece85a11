import fc from 'fast-check'
import type { Draw } from './draw.ts'
import { type Fields, getText } from './fields.ts'

/**
 * Draws a text that a match of a VirtualService accepts: `exact`, `prefix`, `regex`, or any text if it checks
 * only presence.
 */
export function getMember(draw: Draw, match: Fields): string {
  if (match['exact'] !== undefined) return getText(match['exact'])
  if (match['prefix'] !== undefined)
    return getText(match['prefix']) + draw.pick(['', '', '/x', 'x', '/orders/7'])
  if (match['regex'] !== undefined) return memberOfRegex(draw, getText(match['regex']))
  return draw.pick(['1', 'on', ''])
}

/** Draws a text that a value of a policy accepts: for a star, a template, or a literal. */
export function policyMember(draw: Draw, word: string): string {
  if (word.includes('{'))
    return word
      .replaceAll('{**}', draw.pick(['a', 'a/b', '', 'a=b', '7;v=1']))
      .replaceAll('{*}', draw.pick(['a', 'users', '7', 'a=b', 'a*b']))
  if (word === '*') return draw.pick(['anything', '1'])
  if (word.startsWith('*')) return draw.pick(['', 'x', 'a/']) + word.slice(1)
  if (word.endsWith('*')) return word.slice(0, -1) + draw.pick(['', 'x', '/y'])
  return word
}

/** Draws a text that is nearly this text, or equal to it after normalization. */
export function nearMiss(draw: Draw, text: string): string {
  const misses = [`${text}x`, `${text}/`, text.slice(0, -1) || '/', text.toUpperCase()]
  const ofPaths = [
    text.replace('/', '//'),
    `/x/..${text}`,
    `${text}/./`,
    text.replace(/\/([a-z])/, '/%61'),
    text.replace(/(.)\//, '$1%2F'),
    `${text};v=1`,
  ]
  return draw.pick(text.startsWith('/') ? [...misses, ...ofPaths] : misses)
}

/** Makes a text fit into a header or a query. */
export const printable = (text: string): string => text.replace(/[^\x21-\x7e]|[&#?%]/g, '')

function memberOfRegex(draw: Draw, regex: string): string {
  const texts = textsByRegex.get(regex) ?? textsOfRegex(regex)
  textsByRegex.set(regex, texts)
  return draw(texts).replace(/[^\x21-\x7e]/g, '')
}

/** fast-check takes milliseconds to make the texts of a regular expression. */
const textsByRegex = new Map<string, fc.Arbitrary<string>>()

function textsOfRegex(regex: string): fc.Arbitrary<string> {
  try {
    return fc.stringMatching(new RegExp(`^(?:${regex.replaceAll(/(?<!\\)\./g, '[a-z0-9]')})$`), {
      maxLength: 12,
    })
  } catch {
    return fc.constant('x') // a syntax that JavaScript does not have
  }
}
