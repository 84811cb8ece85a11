import { runMeshc } from './cli/run.ts'

// meshc from its sources; dist/ starts with start.ts.
runMeshc()
