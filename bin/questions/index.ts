/** Questions for the command line: a bundle of its own, which is loaded by the commands that ask a mesh. */
export { runCan } from '../behavior/run-can.ts'
export { runLint } from '../behavior/run-lint.ts'
export { runTrace } from '../behavior/run-trace.ts'
export { runDiff } from '../diff/run-diff.ts'
export { runImport } from '../import/run-import.ts'
export { printMapFile } from '../map/print-map-file.ts'
export { runMap } from '../map/run-map.ts'
export { runServe } from '../serve/run-serve.ts'
