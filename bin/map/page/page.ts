import { makePageEngine } from '../page-engine.ts'
import { startPage } from './start-page.tsx'

startPage(makePageEngine)
