import { defineDiagnostic } from '../diagnostics/diagnostic.ts'

interface Violation {
  readonly policy: string
  /** The words for the object: ``service `api` ``. */
  readonly object: string
  readonly message: string
  readonly link: string | undefined
}

const describeViolation = (p: Violation) => `${p.object} violates the policy \`${p.policy}\`: ${p.message}`

const showLink = (p: Violation) => (p.link === undefined ? undefined : `see ${p.link}`)

/** Diagnostics of policies: MESH381x. */
export const policyDenies = defineDiagnostic<Violation>({
  code: 'MESH3811',
  severity: 'error',
  summary: 'A policy holds for every object that it checks',
  message: describeViolation,
  help: showLink,
})

export const policyWarns = defineDiagnostic<Violation>({
  code: 'MESH3812',
  severity: 'warning',
  summary: 'A policy that only warns holds for every object that it checks',
  message: describeViolation,
  help: showLink,
})

export const wrongExpression = defineDiagnostic<{
  policy: string
  problem: string
  help: string | undefined
}>({
  code: 'MESH3813',
  severity: 'error',
  summary: 'An expression of a policy is valid CEL and reads fields that exist',
  message: p => `an expression of the policy \`${p.policy}\` is wrong: ${p.problem}`,
  help: p => p.help,
})

export const policyUndecided = defineDiagnostic<{
  policy: string
  object: string | undefined
  problem: string
  /** True if the expression reads something that is not there. */
  isAbsent: boolean
}>({
  code: 'MESH3814',
  severity: 'error',
  summary: 'meshc can decide whether a policy holds',
  message: p => {
    const where = p.object === undefined ? '' : ` for ${p.object}`
    return `the policy \`${p.policy}\` cannot be decided${where}: ${p.problem}`
  },
  help: p => {
    if (p.object === undefined)
      return 'use simpler expressions, or raise the limits with `--time-limit` and `--memory-limit`'
    return p.isAbsent ? 'test with `has()` what may be absent before you read it' : undefined
  },
})

/** Every diagnostic of policies, in the order of their codes. */
export const policyDiagnostics = [policyDenies, policyWarns, wrongExpression, policyUndecided] as const
