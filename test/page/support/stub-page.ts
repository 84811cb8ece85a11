import { startPage } from '../../../bin/map/page/start-page.tsx'
import { makeStubEngine } from './stub-engine.ts'

startPage(makeStubEngine)
