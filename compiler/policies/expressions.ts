import { Environment } from '@marcbachmann/cel-js'
import { once } from '../basics/once.ts'
import type { Sourced } from '../mesh/sourced.ts'
import {
  describeProblem,
  type ExpressionFault,
  explainProblem,
  explainUnknownField,
  findUnknownField,
  isProblem,
  type LegalNames,
} from './explain-problem.ts'
import { rewriteHasOfEntries } from './has-of-entries.ts'
import { limitWork } from './limit-work.ts'
import { expressionTypes, findTypeFields } from './types.ts'
import type { Views } from './view.ts'

/** An expression that is ready to be evaluated. */
export interface Expression {
  /** The type of its result in the words of CEL: `bool`, `list<string>`. */
  readonly type: string
  /** Evaluates it for the variables. Throws an `EvaluationFault` if there is no result. */
  evaluate(variables: object): unknown
}

/** Thrown if the evaluation of an expression has no result: an index out of bounds, an absent field. */
export class EvaluationFault extends Error {
  /** True if it reads something that is not there. */
  readonly isAbsent: boolean
  /** The expression of a variable that has no result; undefined for the expression that is evaluated. */
  readonly variable: Sourced<string> | undefined

  constructor(message: string, isAbsent = false, variable?: Sourced<string>) {
    super(message)
    this.isAbsent = isAbsent
    this.variable = variable
  }
}

export type Compile = (expression: string) => Expression | ExpressionFault

export const isFault = (compiled: Expression | ExpressionFault): compiled is ExpressionFault =>
  'problem' in compiled

/** The bounds of an expression. Kubernetes bounds its estimated cost; meshc counts its work as well (`limit-work.ts`). */
const expressionLimits = {
  maxAstNodes: 1000,
  maxDepth: 50,
  maxListElements: 200,
  maxMapEntries: 200,
  maxCallArguments: 16,
}

/**
 * Makes the environment of all expressions, with the types of their variables.
 *
 * @param hasMesh true if there is a mesh beside the object
 */
export function makeExpressionEnvironment({ classes }: Views, hasMesh: boolean): Environment {
  const environment = new Environment({ limits: expressionLimits, unlistedVariablesAreDyn: false })
  for (const [name, fields] of orderTypes())
    environment.registerType(name, { ctor: classes[name]!, fields: { ...fields } })
  return hasMesh ? environment.registerVariable('mesh', 'Mesh') : environment
}

/** The types in an order in which each comes after those that its fields name. */
const orderTypes = once(() => {
  const ordered: (readonly [string, Readonly<Record<string, string>>])[] = []
  const rest = new Map<string, Readonly<Record<string, string>>>(Object.entries(expressionTypes))
  while (rest.size > 0)
    for (const [name, fields] of rest) {
      if (Object.values(fields).some(type => [...rest.keys()].some(known => namesType(type, known)))) continue
      ordered.push([name, fields])
      rest.delete(name)
    }
  return ordered
})

const namesType = (type: string, name: string) => new RegExp(`\\b${name}\\b`).test(type)

/**
 * Makes the function that compiles the expressions of a policy.
 *
 * @param object the type of `object`
 * @param variables the variables of the policy up to now, with their types
 */
export function makeCompile(
  environment: Environment,
  object: string,
  variables: readonly (readonly [string, string])[],
): Compile {
  class Variables {
    constructor(values: object) {
      Object.defineProperties(this, Object.getOwnPropertyDescriptors(values))
    }
  }
  const fields = Object.fromEntries(variables)
  const extended = environment
    .clone()
    .registerType('Variables', { ctor: Variables, fields })
    .registerVariable('object', object)
    .registerVariable('variables', 'Variables')
  const getTypes = (type: string) => (type === 'Variables' ? fields : findTypeFields(type))
  const names: LegalNames = {
    variables: ['object', ...(environment.hasVariable('mesh') ? ['mesh'] : []), 'variables'],
    functions: environment.getDefinitions().functions.map(({ name }) => name),
    listFields(type) {
      const types = getTypes(type)
      return types && Object.keys(types)
    },
  }
  return written => {
    let text = written
    let root: unknown
    try {
      text = rewriteHasOfEntries(written, expression => extended.parse(expression).ast)
      const parsed = extended.parse(text)
      root = parsed.ast
      const checked = parsed.check()
      if (!checked.valid) throw checked.error
      const absent = findUnknownField(root, text, getTypes)
      if (absent !== undefined) return explainUnknownField(absent.field, absent.type, absent.value, names)
      limitWork(root)
      return {
        type: checked.type ?? 'dyn',
        evaluate(values) {
          try {
            return parsed({ ...values, variables: new Variables(getVariables(values)) })
          } catch (problem) {
            if (!isProblem(problem)) throw problem
            throw new EvaluationFault(describeProblem(problem, text), absences.includes(problem.code))
          }
        },
      }
    } catch (problem) {
      if (!isProblem(problem)) throw problem
      return explainProblem(problem, text, root, names)
    }
  }
}

/** The codes of the engine for a field and an entry that is not there. */
const absences = ['no_such_key', 'index_out_of_bounds']

const getVariables = (values: object): object =>
  'variables' in values && typeof values.variables === 'object' && values.variables !== null
    ? values.variables
    : {}
