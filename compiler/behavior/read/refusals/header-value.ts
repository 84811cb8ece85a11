/**
 * Tells whether Envoy can parse the value of a header: `%VARIABLE%`, `%VARIABLE(words)%` and `%VARIABLE(["a", "b"])%` are variables,
 * and `%%` is a percent sign. See ValidateHTTPHeaderValue, and validateHeaderValue in pkg/config/validation/header_value_validator.go
 * of istio/istio.
 */
export function isHeaderValue(value: string): boolean {
  if (controls.test(value)) return false
  let state: State = 'literal'
  for (let position = 0; position < value.length; position++) {
    const sign = value[position]!
    const isEscape =
      state === 'literal' ? sign === '%' && value[position + 1] === '%' : isQuoting(state, sign)
    if (isEscape) {
      position++
      if (position >= value.length) return false
      continue
    }
    const next = findNextState(state, sign)
    if (next === undefined) return false
    state = next
  }
  return state === 'literal'
}

/** The part that is read: text, the name of a variable, or parts of its arguments. */
type State = 'literal' | 'name' | 'array' | 'item' | 'text' | 'separator' | 'parenthesis' | 'end'

const isQuoting = (state: State, sign: string): boolean => state === 'text' && sign === '\\'

/** Finds the next state; undefined: the character is not allowed here. */
function findNextState(state: State, sign: string): State | undefined {
  const next = steps[state][sign]
  if (next !== undefined) return next
  if (state === 'array' && sign !== ' ') return 'text'
  const takesAll = state === 'literal' || state === 'name' || state === 'text'
  return takesAll || sign === ' ' ? state : undefined
}

const steps: Readonly<Record<State, Readonly<Record<string, State>>>> = {
  literal: { '%': 'name' },
  name: { '%': 'literal', '(': 'array' },
  array: { '[': 'item' },
  item: { '"': 'text' },
  text: { ')': 'end', '"': 'separator' },
  separator: { ',': 'item', ']': 'parenthesis' },
  parenthesis: { ')': 'end' },
  end: { '%': 'literal' },
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what it looks for
const controls = /[\u0000-\u0008\u000A-\u001F\u007F]/
