import { findNearestName, listQuoted } from '../diagnostics/suggest.ts'
import { isNode, listExpressionNodes, type Node } from './nodes.ts'

/** The problem of an expression that is wrong. */
export interface ExpressionFault {
  readonly problem: string
  readonly help: string | undefined
}

/** The names that an expression may write. */
export interface LegalNames {
  readonly variables: readonly string[]
  readonly functions: readonly string[]
  /** Lists the fields of a type; undefined for a type without fields. */
  listFields(type: string): readonly string[] | undefined
}

/** An error of the engine, as far as it is read here: its classes share no public one. */
interface Problem extends Error {
  readonly code: string
  readonly summary: string
  readonly range?: { readonly start: number; readonly end: number }
  readonly node?: Node
}

export const isProblem = (problem: unknown): problem is Problem =>
  problem instanceof Error &&
  ['ParseError', 'EvaluationError', 'TypeError'].includes(problem.name) &&
  'summary' in problem

/** Explains why an expression has no result, in words for its author. */
export function describeProblem({ summary, range }: Problem, text: string): string {
  const words = /^[A-Z][a-z ]/.test(summary) ? summary.charAt(0).toLowerCase() + summary.slice(1) : summary
  const key = /^no such key: (?:index out of bounds, index (?<index>\d+)|(?<name>.+))/.exec(words)?.groups
  if (key !== undefined)
    return key['index'] === undefined
      ? `\`${key['name']}\` is absent`
      : `the list has no entry with the index ${key['index']}`
  const duration = /^invalid duration string: (.*)$/.exec(words)?.[1]
  if (duration !== undefined) return `\`${duration}\` is no duration, such as \`60s\``
  return [words.replaceAll('google.protobuf.', '').replace('Duration', 'duration'), quote(text, range, words)]
    .filter(Boolean)
    .join(': ')
}

/** The part of an expression that a problem is in; nothing if its words name it. */
function quote(text: string, range: Problem['range'], words: string): string {
  const part = range === undefined ? '' : text.slice(range.start, range.end).replaceAll(/\s+/g, ' ')
  return part === '' || part.length > 80 || words.includes(part) ? '' : `\`${part}\``
}

/** Explains why an expression is wrong, with advice about common mistakes. */
export function explainProblem(
  problem: Problem,
  text: string,
  root: unknown,
  names: LegalNames,
): ExpressionFault {
  const { code, node } = problem
  const misspelt = findUnknownFunction(root, names.functions)
  if (misspelt !== undefined) return misspelt
  switch (code) {
    case 'unexpected_token':
    case 'expected_token':
    case 'unexpected_character':
      return explainSyntaxProblem(problem, text)
    case 'unterminated_string':
    case 'unterminated_triple_quoted_string':
    case 'newline_in_string':
      return {
        problem: `a text has no closing quote: \`${text.slice(problem.range?.start)}\``,
        help: undefined,
      }
    case 'reserved_identifier':
      return {
        problem: `CEL reserves the word \`${readProblemWord(text, problem)}\``,
        help: 'CEL chooses between two values with `condition ? first : second`',
      }
    case 'unknown_variable':
      return explainVariable(String(node?.args), names.variables)
    case 'no_such_key':
    case 'invalid_index_type': {
      const [left, field] = node?.op === '.' && Array.isArray(node.args) ? node.args : []
      if (isNode(left) && left.checkedType !== undefined && typeof field === 'string')
        return explainUnknownField(field, left.checkedType.name, text.slice(left.start, left.end), names)
    }
  }
  return explainTypes(problem, text)
}

/** The words that other languages have for operators of CEL. */
const operators: Readonly<Record<string, string>> = { and: '&&', or: '||', not: '!', '=': '==', '===': '==' }

function explainSyntaxProblem(problem: Problem, text: string): ExpressionFault {
  const { start } = problem.range ?? { start: 0 }
  const missing = /^Expected (RPAREN|RBRACKET|RBRACE|COLON)/.exec(problem.summary)?.[1]
  if (missing !== undefined && text.slice(start).trim() === '')
    return { problem: `it ends too early: \`${closings[missing]}\` is missing`, help: undefined }
  if (text.slice(start).trim() === '') return { problem: 'it ends too early', help: undefined }
  const word = readProblemWord(text, problem)
  const before = /(\w+)\s*$/.exec(text.slice(0, start))?.[1] ?? ''
  const foreign = [word, before].find(candidate => Object.hasOwn(operators, candidate))
  if (foreign !== undefined)
    return {
      problem: `CEL has no \`${foreign}\``,
      help: `write \`${operators[foreign]}\` in its place`,
    }
  const help = word.startsWith('=>')
    ? 'a condition about entries is written `list.all(x, condition)`'
    : undefined
  return { problem: `\`${word}\` is not expected at character ${start + 1}`, help }
}

const closings: Readonly<Record<string, string>> = { RPAREN: ')', RBRACKET: ']', RBRACE: '}', COLON: ':' }

/** The word or sign at which a problem begins. */
const readProblemWord = (text: string, { range }: Problem): string =>
  /^(?:\w+|[^\w\s"'()]+|\S)/.exec(text.slice(range?.start))?.[0] ?? ''

/** The variables of a ValidatingAdmissionPolicy that are about a request to a cluster. */
const variablesOfRequests = ['oldObject', 'request', 'params', 'namespaceObject', 'authorizer']

function explainVariable(name: string, legal: readonly string[]): ExpressionFault {
  const near = variablesOfRequests.includes(name) ? undefined : findNearestName(name, legal)
  return {
    problem: `there is no variable \`${name}\``,
    help: near === undefined ? `an expression reads ${listQuoted(legal)}` : `did you mean \`${near}\`?`,
  }
}

/** Finds a function that does not exist, since other problems follow from it. */
function findUnknownFunction(root: unknown, functions: readonly string[]): ExpressionFault | undefined {
  for (const { op, args } of listExpressionNodes(root)) {
    if ((op !== 'call' && op !== 'rcall') || !Array.isArray(args)) continue
    const [name] = args
    if (typeof name !== 'string' || functions.includes(name)) continue
    const near =
      name === 'len' || name === 'length' || name === 'count' ? 'size' : findNearestName(name, functions)
    return {
      problem: `there is no function \`${name}\``,
      help: near === undefined ? undefined : `did you mean \`${near}\`?`,
    }
  }
  return undefined
}

function explainTypes(problem: Problem, text: string): ExpressionFault {
  const words = describeProblem(problem, text)
  const condition = /^(?:(\w+)\([^)]*\) predicate|(ternary) condition) must .*'(.*?)'/.exec(words)
  if (condition !== null) {
    const [, macro, , type] = condition
    const place = macro === undefined ? 'before `?`' : `in \`${macro}\``
    return {
      problem: `the condition ${place} is of the type \`${type}\`, and not true or false`,
      help: '`has(object.owner)` tells whether a field is set',
    }
  }
  if (words.startsWith('has()'))
    return { problem: '`has` takes a field, as in `has(object.owner)`', help: undefined }
  const overload = /^(?:no such overload: |found no matching overload for ')([^':]*)/.exec(words)?.[1]
  if (overload === undefined) return { problem: words, help: undefined }
  const part = quote(text, problem.range, overload)
  return {
    problem: `CEL has no \`${overload}\`${part === '' ? '' : `: ${part}`}`,
    help: adviseTypes(overload, part),
  }
}

function adviseTypes(overload: string, part: string): string | undefined {
  if (overload.startsWith('!') || / == null|null == | != null|null != /.test(overload))
    return '`has(object.owner)` tells whether a field is set'
  if (/ in list<[A-Z]/.test(overload)) return '`list.exists(x, condition)` looks for an entry'
  const [, left, sign = '', right] = /^(\w+) (\S+) (\w+)$/.exec(overload) ?? []
  const types = [left, right]
  if (!types.includes('string')) return undefined
  const isTime = types.includes('duration') || /timeout|delay|interval|latency|ejectFor|maxAge/i.test(part)
  return /^[<>]/.test(sign) && isTime
    ? 'a duration is a text, which `duration()` makes comparable: `duration(object.timeout) <= duration("60s")`'
    : '`string()`, `int()` and `double()` make one type of both sides'
}

/** The problem of a field that a type does not have. */
export function explainUnknownField(
  field: string,
  type: string,
  value: string,
  { listFields }: LegalNames,
): ExpressionFault {
  if (type.startsWith('list<'))
    return {
      problem: `\`${value}\` is a list, and has no field \`${field}\``,
      help: `\`${value}.all(x, condition)\` and \`${value}.exists(x, condition)\` read \`x.${field}\` of each entry`,
    }
  const legal = listFields(type) ?? []
  const near = findNearestName(field, legal)
  return {
    problem: `there is no field \`${field}\``,
    help:
      near !== undefined
        ? `did you mean \`${near}\`?`
        : legal.length === 0
          ? undefined
          : `the fields are ${listQuoted(legal)}`,
  }
}

/**
 * Finds a field in `has()` that its type does not have, for which `has()` would be false.
 *
 * @param fieldsOf the types of the fields of a type
 */
export function findUnknownField(
  root: unknown,
  text: string,
  fieldsOf: (type: string) => Readonly<Record<string, string>> | undefined,
): { readonly field: string; readonly type: string; readonly value: string } | undefined {
  for (const node of listExpressionNodes(root)) {
    if (node.op !== 'call' || !Array.isArray(node.args) || node.args[0] !== 'has') continue
    const chain: { readonly field: string; readonly value: string }[] = []
    let inner: unknown = node.args[1]?.[0]
    while (isNode(inner) && inner.op === '.' && Array.isArray(inner.args)) {
      const [left, field] = inner.args
      chain.unshift({ field: String(field), value: isNode(left) ? text.slice(left.start, left.end) : '' })
      inner = left
    }
    if (!isNode(inner)) continue
    let type = inner.checkedType?.name
    for (const { field, value } of chain) {
      if (type?.startsWith('list<') === true) return { field, type, value }
      const fields = type === undefined ? undefined : fieldsOf(type)
      if (fields === undefined) {
        type = type?.match(/^map<string, (.+)>$/)?.[1]
        continue
      }
      if (!Object.hasOwn(fields, field)) return { field, type: type!, value }
      type = fields[field]
    }
  }
  return undefined
}
