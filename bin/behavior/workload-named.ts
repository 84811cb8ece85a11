import { isSubset } from '../../compiler/behavior/is-subset.ts'
import type { BehaviorModel, Workload } from '../../compiler/behavior/model.ts'
import { didYouMean, list } from '../../compiler/diagnostics/suggest.ts'
import { Failure } from '../failure.ts'

/** How a workload is told apart: `namespace/name`. */
export const nameOf = ({ namespace, name }: { readonly namespace: string; readonly name: string }): string =>
  `${namespace}/${name}`

/**
 * The workload that a word means: `web`, `namespace/web`, or a Service with one workload behind it. `what`: what stands
 * before it, such as `--from`.
 */
export function workloadNamed(word: string, model: BehaviorModel, what: string): Workload {
  const candidates = model.workloads.filter(({ proxy }) => proxy !== 'gateway')
  const named = candidates.filter(workload => isCalled(workload, word))
  if (named.length === 1) return named[0]!
  const behind =
    named.length > 0
      ? named
      : model.services
          .filter(service => service.registry === 'Kubernetes' && isCalled(service, word))
          .flatMap(({ namespace, selector }) =>
            candidates.filter(
              workload =>
                workload.namespace === namespace &&
                Object.keys(selector).length > 0 &&
                isSubset(selector, workload.labels),
            ),
          )
  const [only, ...others] = [...new Set(behind)]
  if (only === undefined) {
    const names = [...new Set(candidates.flatMap(of => [of.name, nameOf(of)]))]
    throw new Failure(
      `there is no workload \`${word}\``,
      didYouMean(word, word.includes('/') ? names.filter(name => name.includes('/')) : names) ??
        (what.startsWith('--')
          ? `\`${what}\` names a workload of the mesh; without it, a client outside asks`
          : undefined),
    )
  }
  if (others.length > 0)
    throw new Failure(
      `\`${word}\` is ${list([only, ...others].map(nameOf))}`,
      `say which, as in \`${what} ${nameOf(only)}\``,
    )
  return only
}

const isCalled = (of: { readonly namespace: string; readonly name: string }, word: string) =>
  word === of.name || word === nameOf(of) || word === `${of.name}.${of.namespace}`

/** The gateway's workload that a word means, by its own name or that of a Gateway; without a word, the only one. */
export function gatewayNamed(word: string | undefined, model: BehaviorModel): Workload {
  const gateways = model.workloads.filter(({ proxy }) => proxy === 'gateway')
  const serving = (name: string) =>
    model.gateways
      .filter(gateway => isCalled(gateway, name))
      .flatMap(({ selector }) => gateways.filter(({ labels }) => isSubset(selector, labels)))
  const named =
    word === undefined
      ? gateways
      : [...new Set([...gateways.filter(of => isCalled(of, word)), ...serving(word)])]
  const names = [...new Set([...gateways.map(nameOf), ...model.gateways.map(({ name }) => name)])]
  if (named.length === 1) return named[0]!
  if (named.length === 0)
    throw new Failure(
      word === undefined ? 'the mesh has no gateway' : `there is no gateway \`${word}\``,
      word === undefined ? 'name a caller with `--from`' : didYouMean(word, names),
    )
  throw new Failure(
    `${word === undefined ? 'the mesh has several gateways' : `\`${word}\` is several gateways`}: ${list(named.map(nameOf))}`,
    `say which, as in \`--through ${nameOf(named[0]!)}\``,
  )
}
