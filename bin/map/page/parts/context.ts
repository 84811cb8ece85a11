import { createContext } from 'preact'
import { useContext } from 'preact/hooks'
import type { EnvironmentPicture, PagePicture } from '../../../../compiler/map/page-html.ts'
import type { Answers, QuestionOf } from '../engine/questions.ts'
import type { Graph, GraphSide } from '../graph/graph.ts'
import type { Light } from '../graph/light.ts'
import type { PageState } from '../state/page-state.ts'

/** The values that all parts of the page share. */
export interface Page {
  readonly picture: PagePicture
  /** True for a page that follows a server. */
  readonly isLive: boolean
  readonly environment: EnvironmentPicture
  readonly graph: Graph
  /** The side that the page shows and asks. */
  readonly side: GraphSide
  /** Asks the engine of this side. Another mesh has another function. */
  readonly ask: <Kind extends keyof Answers>(question: QuestionOf<Kind>) => Promise<Answers[Kind]>
  readonly state: PageState
  readonly change: (update: (state: PageState) => PageState) => void
  readonly folded: ReadonlySet<number>
  readonly light: Light | undefined
  /** Shows the nodes of a request's way; an empty list shows none. */
  readonly showWay: (ids: readonly string[]) => void
}

const pageContext = createContext<Page | undefined>(undefined)

export const PageProvider = pageContext.Provider

export function usePage(): Page {
  const page = useContext(pageContext)
  if (page === undefined) throw new Error('a part stands outside of the page')
  return page
}
