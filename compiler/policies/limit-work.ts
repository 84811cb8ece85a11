import { spend } from '../behavior/budget.ts'
import { compileRegularExpression, isTooLarge, measureProgram } from '../mesh/regular-expression.ts'
import { listExpressionNodes } from './nodes.ts'

/** The longest text and list that an expression may make: a sum may double its operand again and again. */
const longestValue = 65_536

/** The steps of `spend` for a node of an expression, without its value. */
const stepsOfNode = 8

type Evaluate = (this: unknown, evaluator: Evaluator, node: unknown, context: unknown) => unknown

interface Evaluator {
  run(node: unknown, context: unknown): unknown
}

/** Is thrown in the evaluation of an expression; the engine takes an error of this name for one of its own. */
class WorkError extends Error {
  override readonly name = 'EvaluationError'
  readonly code = 'too_large'
  readonly summary: string

  constructor(summary: string) {
    super(summary)
    this.summary = summary
  }
}

/**
 * Makes each node of a checked expression count its work, so that the limits of the current question end it. Two functions are
 * replaced: `matches` would run expressions that take forever, and `join` makes a text that may be the product of two.
 */
export function limitWork(root: unknown): void {
  for (const node of listExpressionNodes(root)) {
    // The engine puts the function of a node into this property when it is first evaluated.
    let evaluate = replaceCall(node.args) ?? (Reflect.get(node, 'evaluate') as Evaluate)
    const isReplaced = evaluate !== Reflect.get(node, 'evaluate')
    const counted: Evaluate = (evaluator, node, context) => {
      spend(stepsOfNode)
      const value = evaluate.call(node, evaluator, node, context)
      const size = getSize(value)
      spend(size)
      if (size > longestValue) throw new WorkError(`it makes a value of more than ${longestValue} parts`)
      return value
    }
    Object.defineProperty(node, 'evaluate', {
      get: () => counted,
      set: (next: Evaluate) => {
        if (!isReplaced) evaluate = next
      },
    })
  }
}

function getSize(value: unknown): number {
  if (typeof value === 'string' || Array.isArray(value) || value instanceof Uint8Array) return value.length
  return 0
}

/** The function for a call that the engine does not bound; undefined for every other node. */
function replaceCall(args: unknown): Evaluate | undefined {
  if (!Array.isArray(args)) return undefined
  const [name, receiver, words] = args
  if (!Array.isArray(words)) return undefined
  if (name === 'matches' && words.length === 1)
    return (evaluator, _, context) => {
      const text = evaluator.run(receiver, context)
      const pattern = evaluator.run(words[0], context)
      if (typeof text !== 'string' || typeof pattern !== 'string')
        throw new WorkError('`matches` needs two texts')
      return matchesPart(text, pattern)
    }
  if (name === 'join' && words.length < 2)
    return (evaluator, _, context) => {
      const list = evaluator.run(receiver, context)
      const separator = words.length === 0 ? '' : evaluator.run(words[0], context)
      if (
        !Array.isArray(list) ||
        typeof separator !== 'string' ||
        list.some(item => typeof item !== 'string')
      )
        throw new WorkError('`join` needs a list of texts')
      const size = list.reduce((sum: number, item: string) => sum + item.length + separator.length, 0)
      spend(list.length)
      if (size > longestValue) throw new WorkError(`it makes a value of more than ${longestValue} parts`)
      return list.join(separator)
    }
  return undefined
}

/** Tells whether RE2 finds a pattern in a text, as CEL asks. The time grows with the product of their sizes. */
function matchesPart(text: string, pattern: string): boolean {
  const size = measureProgram(pattern)
  spend(size * (text.length + 1))
  // A pattern that RE2 refuses could be part of a whole that it takes.
  const isValid = !isTooLarge(pattern) && compileRegularExpression(pattern) !== undefined
  const compiled = isValid ? compileRegularExpression(`(?s:.*)(?:${pattern})(?s:.*)`) : undefined
  if (compiled === undefined) throw new WorkError(`RE2 refuses the regular expression \`${pattern}\``)
  return compiled.covers(text)
}
