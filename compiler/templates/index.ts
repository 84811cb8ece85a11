/** Templates of a project for the compiler: a separate bundle with the engine of Liquid, which is loaded only if a spec has a template. */
export { writeDocuments } from './write-documents.ts'
