/** Reviews for those outside the library: a bundle of its own, which `meshc diff` loads. */
export { judge } from './judge.ts'
export { reviewMarkdown } from './render-markdown.ts'
export { reviewText } from './render-text.ts'
export { reviewEnvironment, reviewRemoved } from './review.ts'
export { isChanged, reviewJson } from './review-json.ts'
export { sideBefore } from './side-before.ts'
export { waiversOf, waiversOfNew, waiversOfRemoved, waiversSince } from './waivers.ts'
