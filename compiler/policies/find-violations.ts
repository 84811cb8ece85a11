import type { Environment } from '@marcbachmann/cel-js'
import { type Limits, limitQuestions } from '../behavior/budget.ts'
import { describeUnmodelledReason } from '../behavior/index.ts'
import type { ManifestObject } from '../behavior/manifest-object.ts'
import type { Diagnostic, Place, Related, SpecPath } from '../diagnostics/diagnostic.ts'
import type { Source } from '../diagnostics/source.ts'
import type { CompiledManifests } from '../manifests/compiled-objects.ts'
import type { Mesh, Policy, Validation } from '../mesh/mesh.ts'
import { type Sourced, SpecNode } from '../mesh/sourced.ts'
import { policyDenies, policyUndecided, policyWarns, wrongExpression } from './diagnostics.ts'
import { type Entity, makeEntities } from './entities.ts'
import {
  type Compile,
  EvaluationFault,
  type Expression,
  isFault,
  makeCompile,
  makeExpressionEnvironment,
} from './expressions.ts'
import { type CheckedManifest, listForeignManifests, listManifests } from './manifests.ts'
import { typeOfObject } from './types.ts'
import { makeViews, Reads } from './view.ts'

/** A policy whose expressions are compiled. */
interface CompiledPolicy {
  readonly policy: Policy
  readonly conditions: readonly Expression[]
  readonly variables: readonly { readonly name: string; readonly expression: Expression }[]
  readonly validations: readonly CompiledValidation[]
}

interface CompiledValidation {
  readonly validation: Validation
  readonly expression: Expression
  readonly messageExpression: Expression | undefined
}

/**
 * Finds the violations of a mesh's policies, and faulty expressions of policies.
 *
 * @param compiled undefined: the mesh has errors, so only expressions are checked
 */
export function findViolations(
  { policies }: Mesh,
  compiled: (CompiledManifests & { readonly mesh: Mesh }) | undefined,
  limits: Limits,
): readonly Diagnostic[] {
  const reads = new Reads()
  const views = makeViews(reads)
  const environment = makeExpressionEnvironment(views, true)
  if (compiled === undefined) return policies.flatMap(policy => compilePolicy(policy, environment).faults)
  const entities = makeEntities(compiled.mesh, views)
  let manifests: readonly CheckedManifest[] | undefined
  const listObjects = ({ target }: Policy): readonly (Entity | CheckedManifest)[] => {
    if (target !== 'manifests') return entities.listEntities(target)
    manifests ??= listManifests(compiled, reads)
    return manifests
  }
  return checkPolicies(policies, { environment, mesh: entities.object, reads, listObjects }, limits)
}

/**
 * Finds manifests that violate policies, which no spec makes.
 *
 * @param sources the texts of the files of the manifests
 */
export function findViolatingManifests(
  policies: readonly Policy[],
  manifests: readonly ManifestObject[],
  sources: readonly Source[],
  limits: Limits,
): readonly Diagnostic[] {
  const reads = new Reads()
  const environment = makeExpressionEnvironment(makeViews(reads), false)
  const objects = listForeignManifests(manifests, sources, reads)
  return checkPolicies(policies, { environment, mesh: undefined, reads, listObjects: () => objects }, limits)
}

/** The things that expressions read, and how they read them. */
interface Subject {
  readonly environment: Environment
  /** The mesh; undefined if there are only manifests. */
  readonly mesh: object | undefined
  readonly reads: Reads
  listObjects(policy: Policy): readonly (Entity | CheckedManifest)[]
}

function checkPolicies(
  policies: readonly Policy[],
  { environment, mesh, reads, listObjects }: Subject,
  limits: Limits,
): readonly Diagnostic[] {
  const ask = limitQuestions(limits)
  return policies.flatMap(policy => {
    const { ready, faults } = compilePolicy(policy, environment)
    if (ready === undefined) return faults
    return ask(
      () => {
        const objects = listObjects(policy).filter(object => isChecked(object, policy))
        return objects.flatMap(object => checkObject(ready, object, mesh, reads))
      },
      reason => [
        policyUndecided(makeKeyPlace(policy.origin.path), {
          policy: policy.name,
          object: undefined,
          problem: describeUnmodelledReason(reason),
          isAbsent: false,
        }),
      ],
    )
  })
}

const isChecked = (object: Entity | CheckedManifest, { kinds }: Policy): boolean =>
  !('kind' in object) || kinds.length === 0 || kinds.includes(object.kind)

function compilePolicy(
  policy: Policy,
  environment: Environment,
): { readonly ready?: CompiledPolicy; readonly faults: readonly Diagnostic[] } {
  const faults: Diagnostic[] = []
  const types: (readonly [string, string])[] = []
  const object = typeOfObject[policy.target]
  let compile = makeCompile(environment, object, types)
  const variables = policy.variables.flatMap(({ name, expression }) => {
    if (types.some(([earlier]) => earlier === name)) {
      const problem = `the variable \`${name}\` is declared twice`
      faults.push(makeFault(expression, problem, 'give one of the two another name'))
      return []
    }
    const ready = compileExpression(compile, expression, undefined)
    if (ready === undefined) return []
    types.push([name, ready.type])
    compile = makeCompile(environment, object, types)
    return [{ name, expression: ready }]
  })
  // An expression that reads a faulty variable would only repeat its fault.
  if (faults.length > 0) return { faults }
  const conditions = policy.conditions.flatMap(text => compileExpression(compile, text, 'bool') ?? [])
  const validations = policy.validations.flatMap(validation => {
    const expression = compileExpression(compile, validation.expression, 'bool')
    const text = validation.messageExpression
    const messageExpression = text && compileExpression(compile, text, 'string')
    return expression === undefined ? [] : { validation, expression, messageExpression }
  })
  return faults.length > 0 ? { faults } : { ready: { policy, conditions, variables, validations }, faults }

  function makeFault(text: Sourced<string>, problem: string, help: string | undefined): Diagnostic {
    return wrongExpression({ path: text.place?.path ?? [] }, { policy: policy.name, problem, help })
  }

  function compileExpression(
    compile: Compile,
    text: Sourced<string>,
    type: 'bool' | 'string' | undefined,
  ): Expression | undefined {
    const report = (problem: string, help: string | undefined) =>
      void faults.push(makeFault(text, problem, help))
    const ready = compile(text.value)
    if (isFault(ready)) report(ready.problem, ready.help)
    else if (type !== undefined && ready.type !== type && ready.type !== 'dyn')
      report(`its value is of the type \`${ready.type}\`, not \`${type}\``, undefined)
    else return ready
    return undefined
  }
}

/** Checks one object of a policy. */
function checkObject(
  { policy, conditions, variables, validations }: CompiledPolicy,
  entity: Entity | CheckedManifest,
  mesh: object | undefined,
  reads: Reads,
): readonly Diagnostic[] {
  const context = { object: entity.object, ...(mesh !== undefined && { mesh }), variables: {} }
  for (const [index, { name, expression }] of variables.entries()) {
    let evaluated: ReturnType<typeof reads.during> | undefined
    Object.defineProperty(context.variables, name, {
      get: () => {
        if (evaluated === undefined)
          evaluated = reads.during(() => evaluateVariable(expression, policy.variables[index]!.expression))
        else for (const place of evaluated.places) reads.note(place)
        return evaluated.result
      },
    })
  }
  for (const [index, condition] of conditions.entries())
    try {
      if (!isTrue(condition.evaluate(context))) return []
    } catch (problem) {
      return [report(problem, policy.conditions[index]!)]
    }
  return validations.flatMap(({ validation, expression, messageExpression }) => {
    try {
      const { result, places } = reads.during(() => expression.evaluate(context))
      if (isTrue(result)) return []
      const [at, ...others] = findPlaces(entity, places)
      const message =
        makeMessage(messageExpression, context) ??
        validation.message ??
        `\`${validation.expression.value.trim()}\` is false`
      const violation = { policy: policy.name, object: entity.name, message, link: policy.link }
      const diagnostic = policy.isWarning ? policyWarns : policyDenies
      return [
        diagnostic(at, violation, [
          ...others.map(at => ({ at, message: 'the policy reads this, too' })),
          relatePolicy(validation.expression, policy),
        ]),
      ]
    } catch (problem) {
      return [report(problem, validation.expression)]
    }
  })

  function evaluateVariable(expression: Expression, text: Sourced<string>): unknown {
    try {
      return expression.evaluate(context)
    } catch (problem) {
      if (!(problem instanceof EvaluationFault)) throw problem
      throw new EvaluationFault(problem.message, problem.isAbsent, problem.variable ?? text)
    }
  }

  function report(problem: unknown, expression: Sourced<string>): Diagnostic {
    if (!(problem instanceof EvaluationFault)) throw problem
    const at = { path: (problem.variable ?? expression).place?.path ?? [] }
    const params = {
      policy: policy.name,
      object: entity.name,
      problem: problem.message,
      isAbsent: problem.isAbsent,
    }
    const place = findObject(entity)
    return policyUndecided(at, params, place === undefined ? [] : [{ at: place, message: entity.name }])
  }
}

/** The place of an object; undefined for the mesh, which is the whole spec. */
function findObject(entity: Entity | CheckedManifest): Place | undefined {
  if ('findPlace' in entity) return entity.findPlace([])
  return entity.path.length === 0 ? undefined : makePlace(entity.path)
}

function isTrue(value: unknown): boolean {
  if (typeof value !== 'boolean') throw new EvaluationFault('its value is not true or false')
  return value
}

/** The most characters of a message, as in a ValidatingAdmissionPolicy. */
const longestMessage = 5 * 1024

/** The message that an expression makes; undefined where Kubernetes would take `message`, too. */
function makeMessage(expression: Expression | undefined, context: object): string | undefined {
  if (expression === undefined) return undefined
  try {
    const message = expression.evaluate(context)
    if (typeof message !== 'string') return undefined
    const isMessage = message.trim() !== '' && message.length <= longestMessage && !/[\r\n]/.test(message)
    return isMessage ? message : undefined
  } catch (problem) {
    if (!(problem instanceof EvaluationFault)) throw problem
    return undefined
  }
}

/**
 * The places of a violation. The first is the value that the expression read last, which decided the result: its place in the spec,
 * or else the object. The others are further values that it read.
 */
function findPlaces(
  entity: Entity | CheckedManifest,
  places: readonly (SpecNode | SpecPath)[],
): readonly [Place, ...Place[]] {
  const read = places.at(-1)
  if ('findPlace' in entity) {
    return [read instanceof SpecNode ? { path: read.path } : entity.findPlace(read ?? [])]
  }
  const paths = places.flatMap(place => (place instanceof SpecNode ? [place.path] : [])).toReversed()
  // An edge can read properties of its whole destination, but the edge itself violates the policy.
  const inside = entity.isPart ? paths.filter(path => isInside(path, entity.path)) : paths
  const others = paths.filter(path => !inside.includes(path))
  const unique = new Map([...inside, ...others].map(path => [JSON.stringify(path), path]))
  const [first = entity.path, ...rest] = unique.values()
  return [
    makePlace(first),
    ...rest
      .filter(
        path => !isKeyedEntry(path) && !isInside(first, path) && getPathForm(path) !== getPathForm(first),
      )
      .slice(0, mostRelated)
      .map(makePlace),
  ]
}

/** The form of a path. An expression reads the entries of a list in turn; only the last one is shown. */
const getPathForm = (path: SpecPath): string =>
  path.map(key => (typeof key === 'number' ? '*' : key)).join('\n')

/** The most other values that a violation shows. */
const mostRelated = 2

const isInside = (path: SpecPath, whole: SpecPath): boolean =>
  whole.every((key, index) => path[index] === key)

const makePlace = (path: SpecPath): Place => (isKeyedEntry(path) ? makeKeyPlace(path) : { path })

/** The sections whose entries have a key, at which a finding about a whole entry points. */
const keyedSections = ['services', 'gateways', 'external', 'namespaces']

const isKeyedEntry = ([section, key, ...rest]: SpecPath): boolean =>
  keyedSections.includes(String(section)) && key !== undefined && rest.length === 0

const makeKeyPlace = (path: SpecPath): Place => (path.length === 0 ? { path } : { path, part: 'key' })

const relatePolicy = (expression: Sourced<string>, { name }: Policy): Related => ({
  at: { path: expression.place?.path ?? [] },
  message: `the policy \`${name}\``,
})
