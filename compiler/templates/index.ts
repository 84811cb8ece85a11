/** Templates of a project for the compiler: a bundle of its own with the engine of Liquid, which is loaded where a spec has a template. */
export { writeDocuments } from './write-documents.ts'
