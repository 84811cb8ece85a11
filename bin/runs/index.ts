/** The work behind the commands that compile specs: a bundle of its own, so that help, a version and a wrong call wait for no compiler. */
export { runBuild } from './run-build.ts'
export { runInit } from './run-init.ts'
export { runValidate } from './run-validate.ts'
