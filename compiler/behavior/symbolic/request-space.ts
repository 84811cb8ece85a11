import { weakMemo } from '../../basics/weak-memo.ts'
import { compare } from '../../diagnostics/compare.ts'
import { spend } from '../budget.ts'
import { unnamedClient } from '../client-certificate.ts'
import type { BehaviorModel, JwtRule, MeshSettings, ModelObject } from '../model.ts'
import type { Request } from '../request.ts'
import type { Unmodelled } from '../result.ts'
import { findBlamedPlace } from './blamed-place.ts'
import { type Condition, forwardedProtocol, type TextPart } from './condition.ts'
import { type Atoms, makeAtoms, makeAtomsReason, type NoAtoms, type Universe } from './diagrams/atoms.ts'
import { Diagrams, type Node, TooManyNodes } from './diagrams/diagram.ts'
import { makePatternKey, type TextPattern } from './diagrams/pattern.ts'
import { makePathUniverse } from './normalized-paths.ts'
import { type AtomFinder, makeTestKey, makeTextDimensions, type TextCondition } from './text-dimensions.ts'
import {
  type AddressBlock,
  type AuthorizerForm,
  listAddressForms,
  listTokenForms,
  type TokenForm,
} from './token-forms.ts'
import { type Answer, type Fate, isUnknown, type Tree, type Unknown } from './tree.ts'

/** A part of requests, and the classes of values that no condition distinguishes. */
export type Dimension =
  | {
      readonly kind: 'authorizer'
      readonly authorizer: string
      readonly forms: readonly AuthorizerForm[]
    }
  /** The names in the certificate of an outside client. The first is `undefined`: the client has no certificate. */
  | { readonly kind: 'certificate'; readonly forms: readonly (string | undefined)[] }
  /** `forms`: a member of each class; `all`: every kind of token, with the number of its class. */
  | {
      readonly kind: 'token'
      readonly forms: readonly TokenForm[]
      readonly all: readonly { readonly form: TokenForm; readonly atom: number }[]
    }
  | { readonly kind: 'address'; readonly forms: readonly number[]; readonly blocks: readonly AddressBlock[] }
  /**
   * `values`: a member of each class; the first is `undefined`, not there, where that can be. A list of texts is the value of a
   * claim. Several dimensions may ask for items of one claim: of the items that they want, the claim has all.
   */
  | {
      readonly kind: 'text'
      readonly part: TextPart
      readonly values: readonly (string | readonly string[] | undefined)[]
      readonly tests: readonly TextTest[]
      /** The pattern that passes a limit: then no condition on the text is known. */
      readonly withoutAtoms: NoAtoms | undefined
    }

/** A condition on a text or a claim. */
export interface TextTest {
  /** The text of the condition: see `makeTestKey`. */
  readonly key: string
  /** The patterns, one of which must match. */
  readonly patterns: readonly TextPattern[]
  /** The texts that are compared: the whole, the items of a claim that is a list, or those with a text split into its words. */
  readonly compares: 'text' | 'items' | 'words'
  /** The classes for which the condition holds. */
  readonly atoms: readonly number[]
}

export type TextDimension = Dimension & { readonly kind: 'text' }

/** All requests from some callers to one destination, divided as finely as all conditions on them require. */
export interface RequestSpace {
  readonly dimensions: readonly Dimension[]
  readonly diagrams: Diagrams<Value>
  /** Makes a diagram from a tree. Its leaves are fates or unknown. */
  readonly compile: (tree: Tree<Fate>) => Node
  /** Makes a diagram from a condition. Its leaves are true, false or unknown. */
  readonly compileCondition: (condition: Condition) => Node
}

export type Value = boolean | Answer | Fate | Unknown | Change

/** The difference between the fates of the same requests in two models. */
export interface Change {
  readonly before: Fate | Unknown
  readonly after: Fate | Unknown
}

export const isChange = (value: Value): value is Change => typeof value === 'object' && 'before' in value

export const isFate = (value: Value): value is Fate => typeof value === 'object' && 'outcomes' in value

/** The request of a point of the space. */
export type RequestMaker = (space: RequestSpace, point: readonly number[]) => Request

/**
 * Answers a question about all requests of the trees.
 *
 * @param models the first model sets the path normalization; see `requestSpace`
 * @param giveUp gives the answer if diagrams take too much memory
 */
export function askSpace<Answered>(
  models: readonly [BehaviorModel, ...BehaviorModel[]],
  trees: readonly (Tree<Fate> | Condition)[],
  ask: (space: RequestSpace) => Answered,
  giveUp: (unmodelled: Unmodelled) => Answered,
): Answered {
  const { pathNormalization, object } = models[0].settings
  try {
    return ask(makeRequestSpace(trees, pathNormalization, models))
  } catch (problem) {
    if (!(problem instanceof TooManyNodes)) throw problem
    return giveUp({ object, path: [], reason: { code: 'combinations-over-memory' } })
  }
}

/** Computes for every request whether the fates in two trees are related. If a fate is unknown, the result is the unknown parts. */
export const relateFates = (
  { diagrams, compile }: RequestSpace,
  a: Tree<Fate>,
  b: Tree<Fate>,
  holds: (a: Fate, b: Fate) => boolean,
): Node =>
  diagrams.apply(compile(a), compile(b), (fateA, fateB): Value => {
    for (const fate of [fateA, fateB]) {
      if (typeof fate !== 'object') throw new Error('a request has a fate')
      if (isUnknown(fate)) return fate
    }
    if (!isFate(fateA) || !isFate(fateB)) throw new Error('a request has a fate')
    return holds(fateA, fateB)
  })

/** Lists the parts that are not known of some requests. */
export const listUnknownIn = ({ diagrams }: RequestSpace, node: Node): readonly Unmodelled[] =>
  diagrams.leaves(node).flatMap(leaf => {
    const value = diagrams.valueOf(leaf)
    return typeof value === 'object' && isUnknown(value) ? value.unknown : []
  })

/**
 * Makes the space of the requests of trees.
 *
 * @param models have the places of the patterns, for the message about a pattern that makes too many classes of values
 */
export function makeRequestSpace(
  trees: readonly (Tree<Fate> | Condition)[],
  pathNormalization: MeshSettings['pathNormalization'],
  models: readonly BehaviorModel[],
): RequestSpace {
  const collected = collectConditions(trees)
  const dimensions: Dimension[] = []
  for (const authorizer of [...collected.authorizers].sort())
    dimensions.push({ kind: 'authorizer', authorizer, forms: ['allow', 'deny'] })
  if (collected.certificates !== undefined)
    dimensions.push({
      kind: 'certificate',
      forms: [
        undefined,
        unnamedClient,
        ...[...collected.certificates].filter(name => name !== unnamedClient).sort(),
      ],
    })
  if (collected.tokens.length > 0) dimensions.push(makeTokenDimension(collected.tokens))
  const blocks = [...collected.blocks]
  if (blocks.length > 0) dimensions.push({ kind: 'address', forms: listAddressForms(blocks), blocks })
  const knownAtoms = atomsAround(models[0]!.settings.object)
  const atomsOf: AtomFinder = (part, patterns) => findAtoms(knownAtoms, part, pathNormalization, patterns)
  const texts = [...collected.texts].flatMap(([part, conditions]) =>
    makeTextDimensions(part, [...conditions.values()], atomsOf),
  )
  dimensions.push(
    ...texts.sort(
      (a, b) => getRank(a) - getRank(b) || a.values.length - b.values.length || compare(a.part, b.part),
    ),
  )
  const diagrams = new Diagrams<Value>(
    dimensions.map(dimension =>
      dimension.kind === 'text'
        ? { name: dimension.part, size: dimension.values.length }
        : {
            name: dimension.kind === 'authorizer' ? `authorizer ${dimension.authorizer}` : dimension.kind,
            size: dimension.forms.length,
          },
    ),
    makeValueKey,
  )
  const compileCondition = makeConditionCompiler(dimensions, diagrams, models)
  return { dimensions, diagrams, compile: makeTreeCompiler(diagrams, compileCondition), compileCondition }
}

/**
 * A path distinguishes most routes and rules, so diagrams test it first: few of them remain for one path. If diagrams tested it
 * last, each combination of headers in any route or rule would have its own part.
 */
const getRank = ({ part }: TextDimension) => (part === 'path' ? 0 : 1)

function collectConditions(trees: readonly (Tree<Fate> | Condition)[]) {
  const texts = new Map<TextPart, Map<string, TextCondition>>()
  const tokens: TokenCondition[] = []
  const blocks = new Set<AddressBlock>()
  const seen = new Set<object>()
  const authorizers = new Set<string>()
  let certificates: Set<string> | undefined
  const open: (Tree<Fate> | Tree<Answer> | Condition)[] = [...trees]
  for (let at = open.pop(); at !== undefined; at = open.pop()) {
    if (seen.has(at)) continue
    seen.add(at)
    spend(1)
    switch (at.kind) {
      case 'text':
      case 'item':
      case 'list':
      case 'absent': {
        const conditions = texts.get(at.part) ?? new Map<string, TextCondition>()
        texts.set(at.part, conditions.set(makeTestKey(at), at))
        break
      }
      case 'token':
        tokens.push(at)
        break
      case 'address':
        blocks.add(at.block)
        break
      case 'authorizer':
        authorizers.add(at.authorizer)
        break
      case 'certificate':
        certificates ??= new Set()
        for (const name of at.names) certificates.add(name)
        break
      case 'all':
      case 'any':
        open.push(...at.parts)
        break
      case 'not':
        open.push(at.part)
        break
      case 'first':
        for (const [condition, tree] of at.cases) open.push(condition, tree)
        open.push(at.otherwise)
        break
      case 'each':
        for (const { answer } of at.servers) open.push(answer)
        break
      case 'constant':
      case 'unknown':
      case 'leaf':
    }
  }
  return { texts, tokens, blocks, authorizers, certificates }
}

type TokenCondition = Condition & { readonly kind: 'token' }

/** Tokens that fulfil the same conditions are one class: conditions distinguish few of hundreds of kinds. */
function makeTokenDimension(conditions: readonly TokenCondition[]): Dimension {
  const distinct = new Map<readonly JwtRule[], Map<string, TokenCondition>>()
  for (const condition of conditions) {
    const { rules, says } = condition
    const tokenConditions = distinct.get(rules) ?? new Map<string, TokenCondition>()
    distinct.set(rules, tokenConditions.set(says, condition))
  }
  const askedTokenConditions = [...distinct.values()].flatMap(tokenConditions => [
    ...tokenConditions.values(),
  ])
  const atoms = new Map<string, number>()
  const forms: TokenForm[] = []
  const all = listTokenForms([...distinct.keys()]).map(form => {
    const key = askedTokenConditions.map(({ holds }) => (holds(form) ? '1' : '0')).join('')
    const atom = atoms.get(key) ?? forms.push(form) - 1
    atoms.set(key, atom)
    return { form, atom }
  })
  return { kind: 'token', forms, all }
}

/** The atoms of patterns on a part of requests, by both as text. */
type KnownAtoms = Map<string, Atoms>

/** The known atoms of one mesh: its rules have the same patterns at many destinations. */
const atomsAround = weakMemo((_: ModelObject): KnownAtoms => new Map())

/** Finds the atoms of patterns, in the order of the patterns; those that are known already are not searched again. */
function findAtoms(
  knownAtoms: KnownAtoms,
  part: TextPart,
  pathNormalization: MeshSettings['pathNormalization'],
  patterns: readonly TextPattern[],
): Atoms | NoAtoms {
  const byKey = new Map(patterns.map(pattern => [makePatternKey(pattern), pattern]))
  const sorted = [...byKey.keys()].sort()
  const key = JSON.stringify([part, pathNormalization, sorted])
  spend(sorted.length)
  const atoms =
    knownAtoms.get(key) ??
    makeAtoms(
      getUniverse(part, pathNormalization),
      sorted.map(each => byKey.get(each)!),
    )
  if (!('members' in atoms)) return atoms
  knownAtoms.set(key, atoms)
  const places = new Map(sorted.map((each, place) => [each, place]))
  return {
    witnesses: atoms.witnesses,
    members: patterns.map(pattern => atoms.members[places.get(makePatternKey(pattern))!]!),
  }
}

/** The methods that Envoy takes in HTTP/1.1, without CONNECT: its parser refuses other methods. */
const commonMethods =
  'GET POST PUT DELETE PATCH HEAD OPTIONS TRACE ACL BIND CHECKOUT COPY LINK LOCK MERGE MKACTIVITY MKCALENDAR MKCOL MOVE MSEARCH NOTIFY PROPFIND PROPPATCH PURGE REBIND REPORT SEARCH SOURCE SUBSCRIBE UNBIND UNLINK UNLOCK UNSUBSCRIBE'.split(
    ' ',
  )

function getUniverse(part: TextPart, pathNormalization: MeshSettings['pathNormalization']): Universe {
  if (part === 'method') return { kind: 'words', words: commonMethods }
  if (part === 'path') return makePathUniverse(pathNormalization)
  // Browsers escape the last of these signs, and Envoy takes them as they are.
  if (part.startsWith('query '))
    return { kind: 'language', expression: '[A-Za-z0-9\\-._~!$\'()*,;:@/?"<>^`{|}\\[\\]]*' }
  // Without a word of the encryption there are no routes.
  if (part === `header ${forwardedProtocol}`) return { kind: 'language', expression: value }
  return { kind: 'language', expression: `(?:${value})?` }
}

/** The characters of headers and claims: no control characters, and no blanks around. */
const visible = '\\x21-\\x7e\\x{a1}-\\x{d7ff}\\x{e000}-\\x{ffef}'
const value = `[${visible}](?:[${visible} ]*[${visible}])?`

/** Makes the function that turns a condition into a diagram, each once. */
function makeConditionCompiler(
  dimensions: readonly Dimension[],
  diagrams: Diagrams<Value>,
  models: readonly BehaviorModel[],
): RequestSpace['compileCondition'] {
  const yes = diagrams.leaf(true)
  const no = diagrams.leaf(false)
  const conditions = new Map<Condition, Node>()
  const tests = new Map<string, { readonly index: number; readonly atoms: readonly number[] }>()
  for (const [index, dimension] of dimensions.entries())
    if (dimension.kind === 'text')
      for (const { key, atoms } of dimension.tests) tests.set(key, { index, atoms })
  const indexOf = (kind: Dimension['kind']) => dimensions.findIndex(dimension => dimension.kind === kind)
  const indexOfAuthorizer = (authorizer: string) =>
    dimensions.findIndex(dimension => dimension.kind === 'authorizer' && dimension.authorizer === authorizer)
  const askForms = <Form>(index: number, forms: readonly Form[], holds: (form: Form) => boolean): Node =>
    diagrams.ask(
      index,
      forms.flatMap((form, atom) => (holds(form) ? [atom] : [])),
      yes,
      no,
    )

  return compileCondition

  function compileCondition(condition: Condition): Node {
    const knownCondition = conditions.get(condition)
    if (knownCondition !== undefined) return knownCondition
    const node = buildCondition(condition)
    conditions.set(condition, node)
    return node
  }

  function buildCondition(condition: Condition): Node {
    switch (condition.kind) {
      case 'constant':
        return condition.value ? yes : no
      case 'unknown':
        return diagrams.leaf({ unknown: condition.because })
      case 'not':
        return diagrams.map(compileCondition(condition.part), value =>
          typeof value === 'boolean' ? !value : value,
        )
      case 'all':
        return condition.parts
          .map(compileCondition)
          .reduce((a, b) => diagrams.apply(a, b, intersectValues, shortcut(no, yes)), yes)
      case 'any':
        return condition.parts
          .map(compileCondition)
          .reduce((a, b) => diagrams.apply(a, b, uniteValues, shortcut(yes, no)), no)
      case 'text':
      case 'item':
      case 'list':
      case 'absent': {
        const { index, atoms } = tests.get(makeTestKey(condition))!
        const dimension = dimensions[index]!
        if (dimension.kind !== 'text') throw new Error('a text has a dimension of texts')
        if (dimension.withoutAtoms !== undefined) {
          const reason = { ...makeAtomsReason(dimension.withoutAtoms), part: condition.part }
          return diagrams.leaf({
            unknown: [{ ...findBlamedPlace(models, dimension.withoutAtoms.pattern), reason }],
          })
        }
        return diagrams.ask(index, atoms, yes, no)
      }
      case 'token': {
        const dimension = dimensions[indexOf('token')]
        if (dimension?.kind !== 'token') throw new Error('a token has a dimension of tokens')
        return askForms(indexOf('token'), dimension.forms, condition.holds)
      }
      case 'authorizer':
        return askForms(indexOfAuthorizer(condition.authorizer), ['allow', 'deny'], condition.holds)
      case 'certificate': {
        const dimension = dimensions[indexOf('certificate')]
        if (dimension?.kind !== 'certificate')
          throw new Error('a certificate has a dimension of certificates')
        return askForms(indexOf('certificate'), dimension.forms, condition.holds)
      }
      case 'address': {
        const dimension = dimensions[indexOf('address')]
        if (dimension?.kind !== 'address') throw new Error('a block has a dimension of addresses')
        const { first, last } = condition.block
        return askForms(indexOf('address'), dimension.forms, address => address >= first && address <= last)
      }
    }
  }

  function shortcut(strong: Node, neutral: Node) {
    return (a: Node, b: Node): Node | undefined =>
      a === strong || b === strong ? strong : a === neutral ? b : b === neutral ? a : a === b ? a : undefined
  }
}

/** Makes the function that turns a tree into a diagram, each once. */
function makeTreeCompiler(
  diagrams: Diagrams<Value>,
  compileCondition: RequestSpace['compileCondition'],
): RequestSpace['compile'] {
  const trees = new Map<object, Node>()
  return compile

  function compile<Leaf extends Fate | Answer>(tree: Tree<Leaf>): Node {
    const knownTree = trees.get(tree)
    if (knownTree !== undefined) return knownTree
    const node = build(tree)
    trees.set(tree, node)
    return node
  }

  function build<Leaf extends Fate | Answer>(tree: Tree<Leaf>): Node {
    switch (tree.kind) {
      case 'leaf':
        return diagrams.leaf(tree.leaf)
      case 'first':
        return tree.cases.reduceRight(
          (rest, [condition, then]) => decide(compileCondition(condition), compile(then), rest),
          compile(tree.otherwise),
        )
      case 'each': {
        const { routing, servers } = tree
        const none: Fate = { ...(routing === undefined ? {} : { routing }), outcomes: [] }
        return servers.reduce(
          (sum, { outcome, answer }) =>
            diagrams.apply(sum, compile(answer), (fate, diagram) => {
              if (typeof fate === 'object' && isUnknown(fate))
                return typeof diagram === 'object' && isUnknown(diagram) ? uniteUnknown(fate, diagram) : fate
              if (typeof diagram === 'object' && isUnknown(diagram)) return diagram
              if (!isFate(fate) || typeof diagram === 'boolean' || isFate(diagram) || isChange(diagram))
                throw new Error('a server gives an answer')
              return { ...fate, outcomes: [...fate.outcomes, { ...outcome, ...diagram }] }
            }),
          diagrams.leaf(none),
        )
      }
    }
  }

  /** Chooses one of two nodes by a condition. If the condition is unknown, the result is known only if both nodes agree. */
  function decide(condition: Node, then: Node, otherwise: Node): Node {
    const unknowns = diagrams
      .leaves(condition)
      .map(leaf => diagrams.valueOf(leaf))
      .filter(value => typeof value === 'object')
    const knownNode = diagrams.choose(condition, value => value === true, then, otherwise)
    return unknowns.reduce<Node>(
      (sum, unknown) =>
        diagrams.choose(
          condition,
          value => value === unknown,
          diagrams.apply(then, otherwise, (a, b) => (makeValueKey(a) === makeValueKey(b) ? a : unknown)),
          sum,
        ),
      knownNode,
    )
  }
}

const intersectValues = (a: Value, b: Value): Value =>
  a === false || b === false ? false : a === true ? b : a
export const uniteValues = (a: Value, b: Value): Value =>
  a === true || b === true ? true : a === false ? b : a

const uniteUnknown = (a: Unknown, b: Unknown): Unknown => ({
  unknown: [
    ...a.unknown,
    ...b.unknown.filter(
      each => !a.unknown.some(unknown => makeUnmodelledKey(unknown) === makeUnmodelledKey(each)),
    ),
  ],
})

export const makeUnmodelledKey = ({ object, path, reason }: Unmodelled): string =>
  `${object.kind} ${object.namespace}/${object.name}: ${path.join('.')} ${reason === undefined ? '' : JSON.stringify(reason)}`

/** Values of one key are one: no order of servers counts, nor of the reasons not to know. */
function makeValueKey(value: Value): string {
  if (typeof value === 'boolean') return String(value)
  if (isUnknown(value))
    return `unknown ${[...new Set(value.unknown.map(makeUnmodelledKey))].sort().join('; ')}`
  if (isChange(value)) return `change ${makeValueKey(value.before)} to ${makeValueKey(value.after)}`
  if (!isFate(value)) return `answer ${JSON.stringify([value.verdict, value.status, value.onward])}`
  const outcomes = value.outcomes.map(({ cluster, workload, transport, peer, verdict, status, onward }) =>
    JSON.stringify([cluster, workload, transport, peer, verdict, status, onward]),
  )
  return `fate ${JSON.stringify(value.routing)} ${[...new Set(outcomes)].sort().join()}`
}
