/** Behaviour for those outside the library: a bundle of its own, which a command loads when it asks. */
export { allowed } from './allowed/allowed.ts'
export { compare } from './compare/compare.ts'
export { evaluate } from './evaluate/evaluate.ts'
export { mtlsMatrix } from './lint/mtls-matrix.ts'
export { placesOf, routeStates } from './lint/route-states.ts'
export { ruleStates } from './lint/rule-states.ts'
export { reaching } from './reach/reach.ts'
export { modelReader, readModel } from './read/read-model.ts'
